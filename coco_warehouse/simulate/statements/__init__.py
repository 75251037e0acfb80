"""Payout statements in the platforms' own formats."""
