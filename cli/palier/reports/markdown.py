"""A report as Markdown, in the form of the source document's own."""

from __future__ import annotations

from palier.reports.document import Block, Chart, Fact, Items, Report, Table, Text


def render(report: Report) -> str:
    """The whole report, ending in a newline. A chart becomes its table."""
    lines = [f"# {report.title}", ""]
    for section in report.sections:
        lines += [f"## {section.icon} {section.title}".replace("##  ", "## "), ""]
        for block in section.blocks:
            lines += _block(block)
        lines.append("")
    lines += [f"> {note}" for note in report.notes]
    text = "\n".join(lines).rstrip() + "\n"
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _block(block: Block) -> list[str]:
    if isinstance(block, Fact):
        return [f"- {fact_text(block)}"]
    if isinstance(block, Items):
        marks = (f"{number}." for number in range(1, len(block.items) + 1))
        return [f"{next(marks) if block.numbered else '-'} {item}" for item in block.items]
    if isinstance(block, Text):
        return [block.text, ""]
    if isinstance(block, Chart):
        return ["", f"**{block.title}** ({block.summary})", *_table(block.table), ""]
    return ["", *_table(block), ""]


def fact_text(fact: Fact) -> str:
    """`CPU utilization: 75% ⚠️`."""
    name = f"{fact.name}: {fact.value}" if fact.value else fact.name
    remark = f" ({fact.remark})" if fact.remark else ""
    return f"{name}{remark} {fact.sign}".rstrip()


def _table(table: Table) -> list[str]:
    rows = [table.header, ["---"] * len(table.header), *table.rows]
    return ["", *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)]
