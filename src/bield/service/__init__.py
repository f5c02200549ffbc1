"""The Django project: it asks, stores, shows and guards; the thinking is in the libraries."""
