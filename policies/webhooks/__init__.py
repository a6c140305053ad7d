"""
Webhooks: other programs are told what happened, by the Standard Webhooks specification (standardwebhooks.com).

`outbox` lies below every stage, because each writes its message in the transaction of the fact. `sending` calls the
endpoints later, as often as it takes.
"""
