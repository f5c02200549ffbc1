"""Referrals to the National Referral Mechanism: from the record, through a lead's review, to decisions and clocks."""
