"""`palier capacity collect` from the local cloud's CloudWatch, with metrics that the test puts there."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from palier.commands.main import run
from palier.local import cloud

from tests.engine.local.emulated import Emulated

Capture = pytest.CaptureFixture[str]
REGION = "eu-west-3"
BALANCER = "app/jobo/0123456789abcdef"
DAY = datetime.datetime(2024, 4, 1, tzinfo=datetime.UTC)
NEXT = DAY + datetime.timedelta(days=1)
PERIOD = ("--from", "2024-04-01", "--to", "2024-04-02")
SETTINGS = {
    "region": REGION,
    "autoscaling_group": "jobo-app",
    "load_balancer": BALANCER,
    "database": "jobo-primary",
    "max_connections": 400,
    "allocated_storage_gib": 100,
    "bandwidth_mbit_per_s": 1000,
}


def put(cloudwatch: Any, namespace: str, name: str, dimension: tuple[str, str], *values: float) -> None:
    """Values through the day, the last at its last second."""
    last = DAY + datetime.timedelta(seconds=86_399)
    moments = [DAY + datetime.timedelta(hours=hour) for hour in range(len(values) - 1)] + [last]
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": dimension[0], "Value": dimension[1]}],
            "Timestamp": moment,
            "Value": value,
        }
        for moment, value in zip(moments, values, strict=True)
    ]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)


def fill(cloudwatch: Any) -> None:
    group, balancer = ("AutoScalingGroupName", "jobo-app"), ("LoadBalancer", BALANCER)
    database = ("DBInstanceIdentifier", "jobo-primary")
    put(cloudwatch, "AWS/EC2", "CPUUtilization", group, 40, 60, 95)
    put(cloudwatch, "AWS/EC2", "CPUUtilization", ("AutoScalingGroupName", "another"), 99)
    put(cloudwatch, "AWS/EC2", "NetworkIn", group, 1.08e12)
    put(cloudwatch, "AWS/EC2", "NetworkOut", group, 2.16e12, 1.08e12)  # 300 Mbit/s through the day
    put(cloudwatch, "CWAgent", "mem_used_percent", group, 50, 70)
    put(cloudwatch, "AWS/AutoScaling", "GroupInServiceInstances", group, 6, 8)
    put(cloudwatch, "AWS/RDS", "CPUUtilization", database, 70, 80)
    put(cloudwatch, "AWS/RDS", "DatabaseConnections", database, 100, 200)
    put(cloudwatch, "AWS/RDS", "FreeStorageSpace", database, 30 * 1024**3, 25 * 1024**3)
    alb = "AWS/ApplicationELB"
    put(cloudwatch, alb, "TargetResponseTime", balancer, *[each / 100 for each in range(1, 22)])
    put(cloudwatch, alb, "RequestCount", balancer, 43_200, 43_200)
    put(cloudwatch, alb, "HTTPCode_Target_5XX_Count", balancer, 432)


@pytest.fixture
def running(emulator: Emulated, monkeypatch: pytest.MonkeyPatch) -> Emulated:
    """The emulator as the local cloud that runs; credentials that lie around are none of its business."""
    emulator.client("cloudwatch")  # the test's own, made before the variables below
    status = cloud.Status(True, emulator.endpoint, emulator.port, region=REGION)
    monkeypatch.setattr(cloud, "status", lambda: status)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALLOOKING")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    return emulator


def platform(folder: Path, **settings: Any) -> Path:
    text = yaml.safe_dump({"platform": "jobo", "sources": {"cloudwatch": settings}})
    (folder / "palier.yaml").write_text(text)
    return folder


def collect(folder: Path, *arguments: str) -> int:
    return run(["capacity", "collect", "--platform", str(folder), *arguments])


def test_each_metric_comes_of_the_aws_metrics_of_its_day(running: Emulated, tmp_path: Path) -> None:
    fill(running.client("cloudwatch"))
    assert collect(platform(tmp_path, **SETTINGS), *PERIOD) == 0
    lines = (tmp_path / "observations/cloudwatch.csv").read_text().splitlines()[1:]
    cells = [line.rsplit(",", 1) for line in lines]
    assert {source for _, source in cells} == {"cloudwatch (local)"}
    assert sorted(row for row, _ in cells) == [
        "2024-04-01,application_instances,7,instances",
        "2024-04-01,availability,99.5,percent",
        "2024-04-01,bandwidth_utilization,30,percent",
        "2024-04-01,cpu_utilization,65,percent",
        "2024-04-01,cpu_utilization_peak,95,percent",
        "2024-04-01,database_connections,37.5,percent of the pool",
        "2024-04-01,database_connections_peak,50,percent of the pool",
        "2024-04-01,database_utilization,75,percent",
        "2024-04-01,database_utilization_peak,80,percent",
        "2024-04-01,error_rate,0.5,percent of requests",
        "2024-04-01,memory_usage,60,percent",
        "2024-04-01,memory_usage_peak,70,percent",
        "2024-04-01,response_time_p95,0.2,seconds",
        "2024-04-01,storage_usage,75,percent",
        "2024-04-01,throughput,1,requests per second",
    ]


def test_a_second_run_finds_nothing_new(running: Emulated, tmp_path: Path, capsys: Capture) -> None:
    fill(running.client("cloudwatch"))
    folder = platform(tmp_path, **SETTINGS)
    collect(folder, *PERIOD)
    before = (tmp_path / "observations/cloudwatch.csv").read_bytes()
    capsys.readouterr()
    assert collect(folder, *PERIOD) == 0
    captured = capsys.readouterr()
    assert captured.out == "cloudwatch: nothing new, 15 known\n"
    assert "cpu_utilization has no value for 1 of 2 days" in captured.err
    assert (tmp_path / "observations/cloudwatch.csv").read_bytes() == before


def test_what_is_not_named_is_not_asked_for(running: Emulated, tmp_path: Path) -> None:
    fill(running.client("cloudwatch"))
    assert collect(platform(tmp_path, region=REGION, database="jobo-primary"), *PERIOD) == 0
    lines = (tmp_path / "observations/cloudwatch.csv").read_text().splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == ["database_utilization", "database_utilization_peak"]


def test_a_machine_at_rest_is_told_in_percent_and_read_again(running: Emulated, tmp_path: Path) -> None:
    put(running.client("cloudwatch"), "AWS/EC2", "CPUUtilization", ("AutoScalingGroupName", "idle"), 0.4)
    folder = platform(tmp_path, region=REGION, autoscaling_group="idle")
    assert collect(folder, *PERIOD) == 0
    assert '0.4,"percent, not a share"' in (tmp_path / "observations/cloudwatch.csv").read_text()
    assert run(["capacity", "assess", "--platform", str(folder)]) == 0


@pytest.mark.usefixtures("local_dir")
def test_without_a_local_cloud_it_says_how_to_start_one(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "p").mkdir()
    assert collect(platform(tmp_path / "p", **SETTINGS), *PERIOD) == 1
    assert "palier local start" in capsys.readouterr().err
