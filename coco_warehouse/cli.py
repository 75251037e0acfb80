"""The command line `coco`."""

from importlib import import_module

import click

from coco_warehouse import __version__

# Each command is imported when it is called: the others stay quick, and work where one cannot be imported.
COMMANDS = {
    "simulate": ("coco_warehouse.simulate.command", "simulate", "Write a sample of every raw input."),
    "load": ("coco_warehouse.load.command", "load", "Land raw files in the warehouse."),
    "summary": ("coco_warehouse.summary", "summary", "Print the totals of the reconciliation."),
    "publish": ("coco_warehouse.dashboard.publish", "publish_command", "Publish the marts for those who read."),
    "dashboard": ("coco_warehouse.dashboard.command", "dashboard", "Serve the dashboard."),
    "journal": ("coco_warehouse.journal_export", "journal", "Write a month's journal for a general ledger."),
    "close": ("coco_warehouse.close.command", "close", "Close a month, and certify it."),
    "explain": ("coco_warehouse.explain", "explain", "Tell the story of an order, payout or deposit."),
    "parquet": ("coco_warehouse.parquet", "parquet", "Write the raw tables as Parquet, for Spark."),
    "workbook": ("coco_warehouse.workbook.command", "workbook", "Write a month as a workbook to work in."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None when there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        module_name, attribute, _ = COMMANDS[cmd_name]
        command = getattr(import_module(module_name), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, _, summary) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="coco")
def main() -> None:
    """Make, load and look at Coco's warehouse."""
