"""Makes the Word template of the report on notifications. Run once; afterwards people may edit the template in Word."""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt, RGBColor

TARGET = Path(__file__).resolve().parents[1] / "src/bield/service/notifications/data/report.docx"
NAVY = RGBColor(0x00, 0x2D, 0x54)


def main() -> None:
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(11)
    for level, size in ((0, 22), (1, 15)):
        style = document.styles["Title" if level == 0 else f"Heading {level}"]
        style.font.name, style.font.size, style.font.color.rgb = "Arial", Pt(size), NAVY
        style.element.rPr.rFonts.set("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}asciiTheme", "")
    for part in (section.header, section.footer):
        marking = part.paragraphs[0]
        marking.text, marking.alignment = "OFFICIAL-SENSITIVE", WD_ALIGN_PARAGRAPH.CENTER
    document.add_heading("Notifications of possible victims", 0)
    document.add_paragraph("{{ first }} to {{ last }}. Made on {{ made_on }}.")
    document.add_paragraph(
        "{% if not report.in_force %}No regulations under section 38 are in force: these notifications were sent "
        "voluntarily, and say nothing about how many there would be under a duty.{% endif %}"
    )
    document.add_heading("In short", 1)
    document.add_paragraph(
        "{{ report.received }} notifications were received. They are about "
        "{% if report.people %}{{ report.people }}{% else %}fewer than {{ report.least }}{% endif %} people, each "
        "counted once: a second notification about one person, and people who were already known, are left out."
    )
    document.add_paragraph(
        "{{ report.acknowledged }} were acknowledged.{% if report.hours_to_acknowledge %} Half of those within "
        "{{ report.hours_to_acknowledge }} hours.{% endif %}"
    )
    document.add_paragraph("A dash (–) stands for a number that is {{ small }}.")
    document.add_paragraph("{%p for table in report.tables %}")
    document.add_heading("{{ table.title }}", 1)
    document.add_paragraph("{{ table.note }}")
    table = document.add_table(rows=4, cols=2)
    table.style = "Light Grid Accent 1"
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "", "Number"
    table.rows[1].cells[0].text = "{%tr for line in table.lines %}"
    table.rows[2].cells[0].text = "{{ line.label }}"
    table.rows[2].cells[1].text = "{% if line.number %}{{ line.number }}{% else %}–{% endif %}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    for row in table.rows:
        row.cells[0].width, row.cells[1].width = Cm(12), Cm(4)
        row.cells[1].paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.add_paragraph("{%p endfor %}")
    document.save(str(TARGET))


if __name__ == "__main__":
    main()
