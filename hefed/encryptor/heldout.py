"""Which patients of a table the study's rule holds out: for the hospital's own statistician, on this computer only."""

from pathlib import Path

from hefed.core.dictionary.variables import DataDictionary, clean
from hefed.core.errors import RowsInvalid
from hefed.core.protocol.cohort import holdout_ids
from hefed.core.protocol.uploads import HoldoutRule
from hefed.encryptor.table import Table


def held_out(path: Path, dictionary: DataDictionary, rule: HoldoutRule) -> list[str]:
    """Ids in the order of the table; raises RowsInvalid when it has no id column."""
    name = dictionary.id_variable.name
    table = Table.open(path, [variable.name for variable in dictionary.variables])
    if name not in table.header:
        raise RowsInvalid("encryptor.no_id_column", name=path.name, column=name)
    place = table.header.index(name)
    records = (record for chunk in table.chunks() for record in chunk.cells if len(record) > place)
    ids = (clean(record[place]) for record in records)
    return holdout_ids((one for one in ids if one), rule)
