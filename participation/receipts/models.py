"""A person without an account: known by a code that they keep, and by nothing else."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from .. import clock
from ..db import Base, Moment


class Receipt(Base):
    """What ties one person's contributions together. The code itself is not kept, only its keyed hash."""

    __tablename__ = "receipt"
    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=clock.now)
