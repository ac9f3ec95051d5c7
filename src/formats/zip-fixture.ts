/** For tests: zip files, true and false. */
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipEntry = {
  name: string;
  content?: string | Uint8Array;
  plain?: boolean;
  mode?: number;
  flags?: number;
  method?: number;
  crc?: number;
  /** That the directory gives as the size when unpacked. */
  size?: number;
};

/** A zip file, with lies where an entry has them. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  for (const { name, content = '', plain = false, mode = 0o100644, flags = 0, method, crc, size } of entries) {
    const data = plain ? Buffer.from(content) : deflateRawSync(content);
    const offset = Buffer.concat(bodies).length;
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(method ?? (plain ? 0 : 8), 4);
    shared.writeUInt32LE(crc ?? crc32(content), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(size ?? content.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const record = Buffer.alloc(14);
    record.writeUInt32LE((mode << 16) >>> 0, 6);
    record.writeUInt32LE(offset, 10);
    bodies.push(Buffer.from('PK\x03\x04'), shared, Buffer.from(name), data);
    directory.push(Buffer.from('PK\x01\x02\x14\x03'), shared, record, Buffer.from(name));
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(Buffer.concat(bodies).length, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}
