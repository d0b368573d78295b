"""Acceptance checks of a phase, asked of the AWS API and never of Pulumi's state.

What Pulumi believes is no proof: somebody may have changed a security group by hand an hour ago. Each
check looks at what AWS itself says, so it serves the local cloud and a real account alike. It only ever
reads (`palier.verification.reads` holds the whole list of calls), and finds resources by their tags.

`model`     what a check and its result are
`reads`     the calls, the one door to AWS that lets nothing else through, and the IAM policy they need
`session`   clients: of the local cloud with its own credentials, of a real account with the user's
`things`    a resource, and whose it is; `inventory` what stands, found by tags, fetched once
`wanted`    what should stand, from the phase's settings and the threshold table
`foundation`, `replicas`  the checks; `table` lists them all; `run` runs them; `render` tells the result
"""
