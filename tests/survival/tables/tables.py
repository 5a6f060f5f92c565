"""Writes the tables in this folder.

    python tables.py
"""
import datetime

import pyarrow as pa
import pyarrow.parquet as pq

n = 30
columns = {
    "months": pa.array([3.0 + 1.5 * ((i * 7) % 11) for i in range(n)]),
    "died": pa.array([i % 3 != 0 for i in range(n)]),
    "given": pa.array([i % 2 for i in range(n)], pa.int8()),
    "stage": pa.array([["I", "II", "III", None][i % 4] for i in range(n)]).dictionary_encode(),
    "nodes": pa.array([(i * 5) % 13 for i in range(n)], pa.uint16()),
    "albumin": pa.array([None if i in (4, 9) else 30.0 + (i * 3) % 17 / 4 for i in range(n)], pa.float32()),
    "seen": pa.array([datetime.date(2024, 1, 31)] * n),
}
table = pa.table(columns)
for packed in ["none", "snappy", "zstd", "lz4", "gzip"]:
    pq.write_table(table, f"patients.{packed}.parquet", compression=packed, row_group_size=12)
with open("patients.csv", "w") as out:
    out.write(",".join(columns) + "\n")
    for i in range(n):
        cells = [columns[name][i].as_py() for name in columns]
        out.write(",".join("" if c is None else str(int(c)) if isinstance(c, bool) else str(c) for c in cells) + "\n")
