"""WebSub (W3C Recommendation, 23 January 2018): what to ask a hub, and what of its word to believe."""
