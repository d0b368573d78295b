"""What an instance does when it starts: ship its metrics and logs, read where things are, run the image.

Nothing is kept on it. Logs go to CloudWatch by Docker's own driver, metrics by the CloudWatch agent, whose
configuration stands in SSM; sessions are in Redis, files in S3.
"""

from __future__ import annotations

import base64
import json

AGENT_NAMESPACE = "CWAgent"

_SCRIPT = """\
#!/bin/bash
set -euo pipefail
dnf install --assumeyes amazon-cloudwatch-agent docker
/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl \\
  -a fetch-config -m ec2 -s -c 'ssm:{agent_parameter}'

# Each parameter below {path} is one variable of the application, named by the last part of its path.
install --directory --mode 0700 /etc/palier
aws ssm get-parameters-by-path --region '{region}' --path '{path}' \\
  --query 'Parameters[].[Name,Value]' --output text |
  while IFS=$'\\t' read -r name value; do printf '%s=%s\\n' "${{name##*/}}" "$value"; done \\
  > /etc/palier/application.env

systemctl enable --now docker
docker run --detach --name application --restart always \\
  --env-file /etc/palier/application.env --env AWS_REGION='{region}' --publish '{port}:{port}' \\
  --log-driver awslogs --log-opt awslogs-region='{region}' --log-opt awslogs-group='{log_group}' \\
  --log-opt tag='{{{{.ID}}}}' '{image}'
"""


def user_data(*, region: str, path: str, agent_parameter: str, log_group: str, image: str, port: int) -> str:
    """The start script in base64, as launch templates want it. `path` is the SSM path of the variables."""
    script = _SCRIPT.format(
        region=region, path=path, agent_parameter=agent_parameter, log_group=log_group, image=image, port=port
    )
    return base64.b64encode(script.encode()).decode()


def agent_configuration(log_group: str) -> str:
    """The CloudWatch agent's configuration: memory and disk per group, and the log of the start itself.

    Metrics are also summed up by autoscaling group, because that is what the memory alarm watches: a
    metric per instance would need an alarm per instance.
    """
    measured = {
        "mem": {"measurement": ["mem_used_percent"]},
        "disk": {"measurement": ["used_percent"], "resources": ["/"], "drop_device": True},
    }
    start_log = {
        "file_path": "/var/log/cloud-init-output.log",
        "log_group_name": log_group,
        "log_stream_name": "{instance_id}/start",
    }
    return json.dumps(
        {
            "agent": {"metrics_collection_interval": 60, "run_as_user": "root"},
            "metrics": {
                "namespace": AGENT_NAMESPACE,
                "append_dimensions": {"AutoScalingGroupName": "${aws:AutoScalingGroupName}"},
                "aggregation_dimensions": [["AutoScalingGroupName"]],
                "metrics_collected": measured,
            },
            "logs": {"logs_collected": {"files": {"collect_list": [start_log]}}},
        },
        separators=(",", ":"),
    )
