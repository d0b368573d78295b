"""Reports for people: dashboards, the quarter, the scenarios; as Markdown, as one HTML page, or as JSON."""
