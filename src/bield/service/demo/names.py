"""Makes up names in the style of several cultures. Family names are built from syllables."""

from __future__ import annotations

from random import Random

GIVEN = {
    "scots": {
        "woman": "Ailsa Catriona Elspeth Iona Kirsty Mairi Rhona Shona",
        "man": "Callum Euan Fergus Hamish Innes Lachlan Ross Struan",
    },
    "vietnamese": {"woman": "An Bich Hoa Huong Lan Linh Mai Thuy", "man": "Bao Duc Hai Hung Long Minh Quan Tuan"},
    "albanian": {
        "woman": "Arta Blerina Drita Elira Liridona Mirela Teuta Vjosa",
        "man": "Agim Besnik Dritan Erion Ilir Luan Petrit Skender",
    },
    "romanian": {
        "woman": "Adina Bianca Corina Ileana Loredana Mihaela Raluca Simona",
        "man": "Adrian Bogdan Ciprian Dorin Florin Lucian Radu Sorin",
    },
    "chinese": {"woman": "Ai Fang Hong Jing Lan Mei Xia Ying", "man": "Bo Chao Feng Jun Lei Ming Tao Wei"},
    "nigerian": {
        "woman": "Abeni Chioma Efe Folake Ngozi Osas Temi Uju",
        "man": "Ade Chidi Efosa Emeka Kunle Obi Segun Tunde",
    },
    "sudanese": {
        "woman": "Amal Hiba Layla Maha Nada Rania Salma Widad",
        "man": "Adil Hamid Idris Kamal Mutasim Nasir Salih Yasir",
    },
}
SYLLABLES = {
    "scots": ("Mac Kil Dun Bal Strath Inver", "corra dalen brick lannie garvie tosh"),
    "vietnamese": ("Ngh Tr Ph V Th", "ên ươn iêu anh oan"),
    "albanian": ("Shkre Dervi Gjo Kra Lle Mehu", "lini shaj kaj niqi shtani laj"),
    "romanian": ("Dra Mol Stan Vasi Cor Bra", "gulea doveanu cioiu lescu nescu toiu"),
    "chinese": ("Zh X Q L Sh", "uan iao ei uo ang"),
    "nigerian": ("Ade Oko Ogun Chu Eze Osa", "bayowa nwade leke kwuma diora gietu"),
    "sudanese": ("Abdel Bak Osm El T", "rahil hetan anoor fadir ayebin"),
}


def name(random: Random, gender: str) -> tuple[str, str]:
    """A made-up given name and family name."""
    culture = random.choice(sorted(GIVEN))
    kind = gender if gender in ("woman", "man") else random.choice(["woman", "man"])
    first, second = (part.split() for part in SYLLABLES[culture])
    return random.choice(GIVEN[culture][kind].split()), random.choice(first) + random.choice(second)
