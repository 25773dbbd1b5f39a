/** The fields of a protobuf message by their numbers: numbers and whole messages, strings or bytes as they came. */
export type Fields = Map<number, (bigint | Buffer)[]>

/** Reads one message (https://protobuf.dev/programming-guides/encoding/). Throws when it is none. */
export function readMessage(bytes: Buffer): Fields {
  const fields: Fields = new Map()
  let position = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[position++]
      if (byte === undefined) throw new Error('the message ends within a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  const take = (length: number): Buffer => {
    if (position + length > bytes.length) throw new Error('the message ends within a field')
    position += length
    return bytes.subarray(position - length, position)
  }
  const readers: Record<number, () => bigint | Buffer> = {
    0: varint,
    1: () => take(8).readBigUInt64LE(),
    2: () => take(Number(varint())),
    5: () => BigInt(take(4).readUInt32LE()),
  }
  while (position < bytes.length) {
    const key = Number(varint())
    const read = readers[key & 7]
    if (!read) throw new Error(`wire type ${key & 7}`)
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), read()])
  }
  return fields
}

/** The messages in a field. */
export function messagesIn(fields: Fields, number: number): Fields[] {
  return (fields.get(number) ?? []).map((value) => readMessage(value as Buffer))
}

/** The bytes in a field; empty when it is not there. */
export function bytesIn(fields: Fields, number: number): Buffer {
  return (fields.get(number)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)
}

/** The number in a field; 0 when it is not there. */
export function numberIn(fields: Fields, number: number): bigint {
  return (fields.get(number)?.[0] as bigint | undefined) ?? 0n
}
