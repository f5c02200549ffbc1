"""The referral to the National Referral Mechanism: from a record, through a lead, to the decisions and their clocks."""
