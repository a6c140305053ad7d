"""The ledger's rows: a leaf per publication, notice and act; signed heads of the tree over them (RFC 9162)."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

# Entries about a version, which wait while it is under embargo: the log is public.
OF_VERSIONS = ("publication", "rendering", "withdrawal", "postponement", "brought-forward")


class LedgerLeafQuerySet(models.QuerySet["LedgerLeaf"]):
    def waiting(self, at: datetime) -> Self:
        """Leaves that the sealer has to place; what is under embargo at `at` does not wait yet."""
        return self.filter(leaf_index=None).exclude(at__gt=at, kind__in=OF_VERSIONS)


class LedgerLeaf(models.Model):
    """Append-only. `leaf_index` is given once, by the sealer; ids may commit out of order, indexes never do."""

    kind = models.CharField(_("kind"), max_length=20)
    reference = models.CharField(_("reference"), max_length=64)
    leaf_hash = models.BinaryField(max_length=32)
    body = models.TextField(
        _("body"),
        blank=True,
        help_text=_("What was hashed, except for acts, whose parts lie in their own tables."),
    )
    leaf_index = models.BigIntegerField(_("index"), null=True, unique=True)
    at = models.DateTimeField(_("at"))

    objects = LedgerLeafQuerySet.as_manager()

    class Meta:
        verbose_name = _("ledger leaf")
        verbose_name_plural = _("ledger leaves")
        constraints = [models.UniqueConstraint(fields=["kind", "reference"], name="one_leaf_per_event")]
        indexes = [models.Index(fields=["id"], name="leaves_to_seal", condition=models.Q(leaf_index=None))]


class LedgerNode(models.Model):
    """
    Append-only: the root of 256 ** n complete leaves, n = level / 8, so that a proof reads a few hundred hashes.

    The node (level, index) covers the leaves from index << level on; levels are 8, 16, 24, ...
    """

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    node_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_node_per_place")]


class Checkpoint(models.Model):
    """Append-only: a signed head of the tree: how many leaves, their root, and the signed note that says so."""

    size = models.BigIntegerField(_("leaves"), unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField(_("signed note"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["size"]
        get_latest_by = "size"


class BoundRows(models.Model):
    """
    Append-only: rows of one table that have no leaf of their own, bound together by one: their keys and their hashes.

    `keys` has one a line, `hashes` 32 bytes for each in the same order, salted so that nobody can guess from the log
    what a row says. `columns` are those that were hashed: a column that comes later is in no older batch. A `released`
    batch names bound rows that the product deleted; it has no hashes.

    :ivar scope: the notice, of deliveries; else 0
    :ivar last: the highest key, where keys are numbers
    """

    table = models.CharField(max_length=63)
    scope = models.BigIntegerField(default=0)
    released = models.BooleanField(default=False)
    count = models.PositiveIntegerField()
    last = models.BigIntegerField(null=True)
    salt = models.BinaryField(max_length=32)
    columns = models.TextField()
    keys = models.TextField()
    hashes = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["table", "scope", "last"], name="bound_rows_of_a_table")]


class CheckpointAnchor(models.Model):
    """
    Append-only: what somebody outside says about a checkpoint: a time-stamp, or a witness's signature.

    `data` is base64 of the time-stamp authority's answer (DER), or the line that the witness adds to the note.
    """

    class Kind(models.TextChoices):
        TIME_STAMP = "timestamp", _("time-stamp (RFC 3161)")
        WITNESS = "witness", _("signature of a witness")

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="anchors")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    name = models.CharField(_("by whom"), max_length=200)
    data = models.TextField()
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "kind", "name"], name="one_anchor_per_checkpoint_and_source")
        ]
