"""Live sources of observations, each behind `model.Source`: CloudWatch, GitHub, Prometheus.

`settings`    what palier.yaml says of them
`model`       the interface, and how a source fails
`web`         JSON over HTTP for those that speak it
`table`       which sources there are, and how each is made
"""
