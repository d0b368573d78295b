"""AWS's price list as a server on loopback serves it: offer files in AWS's shape, with a few rows each."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Row = dict[str, str]
# Columns are spelt differently from service to service, as AWS does.
COLUMNS = [
    "SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange",
    "EndingRange", "Unit", "PricePerUnit", "Currency", "Product Family", "serviceCode", "Location",
    "Instance Type", "Operating System", "Tenancy", "Pre Installed S/W", "CapacityStatus", "Volume API Name",
    "Database Engine", "Deployment Option", "Cache Engine", "usageType", "operation", "Region Code",
]  # fmt: skip
LINUX = {
    "Product Family": "Compute Instance",
    "Operating System": "Linux",
    "Tenancy": "Shared",
    "Pre Installed S/W": "NA",
    "CapacityStatus": "Used",
}
SMALL = {**LINUX, "Instance Type": "t4g.small"}
MICRO = {"Instance Type": "cache.t4g.micro"}
POSTGRES = {"Database Engine": "PostgreSQL", "Deployment Option": "Single-AZ"}
ALB = {"Product Family": "Load Balancer-Application"}


def row(usage: str, usd: str, **more: str) -> Row:
    """A price on demand, without tiers."""
    return {"TermType": "OnDemand", "PricePerUnit": usd, "Currency": "USD", "StartingRange": "0",
            "usageType": usage, **more}  # fmt: skip


def _with(usage: str, usd: str, more: Row) -> Row:
    return {**row(usage, usd), **more}


OFFERED: dict[str, list[Row]] = {
    "AmazonEC2": [
        _with("EUW3-BoxUsage:t4g.small", "0.0188", SMALL),
        _with("EUW3-BoxUsage:t4g.small", "0.5", {**SMALL, "Tenancy": "Dedicated"}),
        _with("EUW3-BoxUsage:t4g.small", "0.6", {**SMALL, "Operating System": "RHEL"}),
        _with("EUW3-UnusedBox:t4g.small", "0.7", SMALL),
        _with("EUW3-BoxUsage:t4g.small", "0.01", {**SMALL, "TermType": "Reserved"}),
        _with("EUW3-EBS:VolumeUsage.gp3", "0.0928", {"Volume API Name": "gp3"}),
        row("EUW3-NatGateway-Hours", "0.05"),
        row("EUW3-RegionalNatGateway-Hours", "0.06"),
        row("EUW3-NatGateway-Bytes", "0.05"),
    ],
    "AmazonRDS": [
        _with("EUW3-InstanceUsage:db.t4g.medium", "0.076", {**POSTGRES, "Instance Type": "db.t4g.medium"}),
        _with("EUW3-Multi-AZUsage:db.t4g.medium", "0.152", {**POSTGRES, "Instance Type": "db.t4g.medium"}),
        _with("EUW3-InstanceUsage:db.r6g.large", "0.31",
              {"Database Engine": "Aurora PostgreSQL", "Instance Type": "db.r6g.large"}),
        _with("EUW3-RDS:GP3-Storage", "0.133", POSTGRES),
        _with("EUW3-RDS:Multi-AZ-GP3-Storage", "0.266", {**POSTGRES, "Deployment Option": "Multi-AZ"}),
    ],
    "AmazonElastiCache": [
        _with("EUW3-NodeUsage:cache.t4g.micro", "0.018", {"Cache Engine": "Redis", **MICRO}),
        _with("EUW3-NodeUsage:cache.t4g.micro", "0.0144", {"Cache Engine": "Valkey", **MICRO}),
    ],
    "AWSELB": [
        _with("EUW3-LoadBalancerUsage", "0.02646", ALB),
        _with("EUW3-LoadBalancerUsage", "0.02", {"Product Family": "Load Balancer-Network"}),
        _with("EUW3-LCUUsage", "0.0084", ALB),
    ],
    "AmazonVPC": [row("EUW3-PublicIPv4:InUseAddress", "0.005"), row("EUW3-VpcEndpoint-Hours", "0.011")],
    "AmazonDynamoDB": [
        row("EUW3-ReadRequestUnits", "0.000000147"),
        row("EUW3-IA-ReadRequestUnits", "0.0000002"),
        row("EUW3-WriteRequestUnits", "0.000000733"),
        row("EUW3-TimedStorage-ByteHrs", "0.00"),
        _with("EUW3-TimedStorage-ByteHrs", "0.29", {"StartingRange": "25"}),
    ],
    "AmazonS3": [
        _with("EUW3-TimedStorage-ByteHrs", "0.023", {"StartingRange": "51200"}),
        row("EUW3-TimedStorage-ByteHrs", "0.024"),
        row("EUW3-Requests-Tier1", "0.0000053"),
        row("EUW3-Requests-Tier2", "0.00000042"),
    ],
    "AmazonCloudWatch": [
        row("EUW3-CW:AlarmMonitorUsage", "0.10"),
        row("EUW3-CW:HighResAlarmMonitorUsage", "0.30"),
    ],
    "awskms": [row("eu-west-3-KMS-Keys", "1.00")],
    "AWSSecretsManager": [row("EUW3-AWSSecretsManager-Secrets", "0.40")],
}  # fmt: skip


def offer_file(offer: str, rows: list[Row], *, published: str = "2026-11-20T08:00:00Z") -> str:
    """An offer file: five lines about it, the columns, the rows."""
    text = io.StringIO()
    write = csv.writer(text, quoting=csv.QUOTE_ALL).writerow
    for line in (
        ("FormatVersion", "v1.0"),
        ("Disclaimer", "For information, only"),
        ("Publication Date", published),
        ("Version", "20261120080000"),
        ("OfferCode", offer),
    ):
        write(line)
    write(COLUMNS)
    for each in rows:
        write([each.get(column, "") for column in COLUMNS])
    return text.getvalue()


def files(region: str = "eu-west-3", **instead: str) -> dict[str, bytes]:
    """Every offer file by its path; `instead` gives the text of some."""
    return {
        f"/offers/v1.0/aws/{offer}/current/{region}/index.csv": (
            instead.get(offer) or offer_file(offer, rows)
        ).encode()
        for offer, rows in OFFERED.items()
    }


@contextmanager
def serving(served: dict[str, bytes], *, cut: str = "") -> Iterator[str]:
    """A server of these files; its address. The one of the offer `cut` breaks off in the middle."""

    class Handler(BaseHTTPRequestHandler):
        """Serves a file, or 404."""

        def do_GET(self) -> None:
            """Answer."""
            content = served.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if content is not None:
                broken = cut and f"/{cut}/" in self.path
                self.wfile.write(content[: len(content) // 2] if broken else content)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
