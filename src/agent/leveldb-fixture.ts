/**
 * For tests: a database that goleveldb wrote in four sessions, with three compressed tables and a log. In each session 60 heights were
 * committed: `s/latest` is 180 in the tables and 240 in the log; `gone` is a key that was written and deleted.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export async function writeLevelDb(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const files: Record<string, string> = JSON.parse(gunzipSync(Buffer.from(PACKED.join(''), 'base64')).toString());
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), Buffer.from(content, 'base64'));
}

/** Names and contents, as JSON, compressed. */
const PACKED = [
  'H4sIAAAAAAACA6VcXXfiupL9K3ed15654TMhs9Z9KNnytyECjDFvYIgxhgABYmDW/Pepsi1yug/cOa3hIaSzZWmXartqWyH933/U6NX453o+++O//vFHpkECcEjjS+cMggMT',
  'PIoar8dZuK7Z5tbCH+jawM6hXzO8SXQCSM4w0PZeAraf8NU+bYGm+8zZbwmrwWBTYF3BjzvEdIAGcO54S+CaZjMfMm+aRcwL7QDyLO3m/FrOkbBuOUcbhpsFzhFAkoGfwEgb',
  'tATkSQpCOFrbwymTHIaXkoPgTx94vQ3g2x/+l7+ymWi3zgVvAVcwYsdLTQd4RNeaBcdAcjT8cu2IDZ+LtZswcgusB8aoxDIWTlonnE/DfbiCWJTccuQG7IjcloucxZo4DRY5',
  'Rz7Ge3mdzaIyniuEYbkeGFvi2p/UfP8asKnkObAbEP7Y4Bgf9Bijy072CCBOMi9bA6O9mU+rvRmncm/SLnCX5jsPDrAo+Z9h/FzlxmQyN8sp5S2HLmiTkq9mS75dYXpyD1b7',
  'ag8mJq7BjA+R13pgBh8rDgb4jr3K2Lp924s6iEYxTgNtVuX6DG4H99v4AU4L99v5ASK5wNQsOeVmVq4l2K7kW4fpvtybxDyWWMwOZawtmA3KXAizSXECuKwGIIo9FAGcdsTF',
  'DbUEOfd7Cx/KfekBH1d82qAdHC95OWoAU4zZjHJ7i1NrM9OoTcbdGsxyxz8L+w0yCz6zrs7gRROxdkxqPte3Dsvdqy5y0ROEA+Etwj+B8JjwHeHdBPF9RHid8G1OuCA8IdzP',
  'Ed/VCL8QvsH5DZ0DB+fq5Y0JOFHX6ENOWEbXah26VtC1Hs29La49Ep4SNy0n3CLcpbm3gvA94Qlx0zLEndcCp9g+toR/ED4v5o8IrxHuUGwfnPCM8Fkxv0/4nnCb1t/EXdzP',
  'pXfIAExBXBMaGwkcy4irs6CxFo1dH2iuOeEhcWHE1QkIN4nrulhrSviQ1mIFV6/AiWuWED4mvF/MX3DVCDeI66pFeEB4j2JhxNVuEc5p/VWAXEUf9MYAdJu4Chrr0VggrvaB',
  'xuo0Ni3W6hLu0FpAXO2UcI24LjuEu4RbFAsQV3tS4MR1WeTcIpxTLEBc7TfCGXFNcsI54Voxf8HVJBxo/cTv6lrOAFrzudbJfR3vIWE7/NxvROG5PhmwKcP7HeeaY7011mlW',
  '3NOaE+2KWiZOoSuKetsrsYjxSYHhPTEoMLwfohLLmNna7oAlXFvWzj7wRZpu8d4OHGvImR0hBny1cnK8XaDNBEA9iQG16QLoKDmAlcAvRtRF/F3HzoE1Fl9Ws+sbT8s+HL7j',
  '4BcYCOonwXxjHOZhkIRJVK2F/SIPtknBSTB3V/Ctw+C5jCXh55JvzLplnC0YLspYBH9OETNBuNYQ+9Kw4bpyf4QB5XU265fXXSEor8Pa65ZYwIbF/uQNwBrLhDHtCccJ+sLQ',
  '+jWs/77hWojzRqjrdgtGU9er5u/h2O+1/RxGxdrrLW6oXDdqV+uGU7nuTq47Kzk1UNkllhvXEsP6Xu4B1veNi1jEYDtHEbN3e7sHLZyB9aO4Buu6JjWw3G6J51jXRQ2izY0n',
  '1nRfamHVrrQwcSstmCOphY1900LdBzMmLThTgI/yGqzb5TVYt9frKld7p8rVtNJdYp5krg67KlezsMqV2aL9wv32uytgpxbWa46iwYDIdXhYw8H3LfwBJxXBHPb2zLet4h/A',
  'iq8iqn20IfcAetAUX3R/YM9fAmTM8oSD73wurCdN8M5JbHJsc/QKiq+0FPDweWo7L0nuPon8AL/zMt5fEvuQzYP32R//8Y/SObWlc1qnsEUVsUnj9TQRxgug2GGwxDZVA3JT',
  'yBQGSdbnENh2wtuaOPzqrDh20fPNyST8SXZsId1UEEqnYt+cilt185wl1M2Hgr1p4rjvJ/wYLYs5WzcXI4wRdUsTfNdecVQsuocc1g1gM+lSxtRF8TbWB9iJrvzs50b6sbLx',
  'TsXd1QXME3IjNkwEuRGbkZKnbsEPXcup5JcbJ+ni4ptTGZBTiSDfpj5mf+G0vlBtGraneg90M3qvFVLQUrvhC/OHJhpmgNWCXKGfWDf3cnarvYjTyiEF0ITsxLFM2onlUVfP',
  'c8p1Ti620U2s3rdjiVlNuom5dBPWuNwTG/ckzmG+pz0BeDbn0H2u1rChU8TNoYVxL9eclfP5rC35LBZVbqy9zM3LtHJQ71rlIq3azYnAcpelRhfeFoueQHeV5C0frGfi6iwC',
  'eCqvvaCOnI3zOcV3Xboltq/ckthX/CKwktIl6pSXg1/cgdytYu33qlh5+B1rhi5+U+UfYpl/u9IT1rNaoacEVrSnw8Qgjm10mZvv/QyYO61yP7hUuedfMvf+zcFPKfc/O63x',
  'tnBai8KNoJtgrEldMaaubBUdPqeuOKeuuSG3w2qET6mrWoUb+SA8LtwIuR12vjkQCwifIx7Mctw5fBLQIw5hUhtxs0XYmK6d0dzr4toDXRvQteaB8B7hU5o7I/fCdoX7IG5m',
  'QjgnfEKOICP3wjaEvxE3M6CO/lLgFNuKHAVbEd4t5rcJPxMe0fopuRdWuCcX5wejc7pgF3UBuRrE1V7T2HEx1qaxceE+iItBXO0Z4SFxXRZrTQg3aC2DuNoDwkfENSH3wkLC',
  'dXIvRsHVKXDimgSEDwkHisUgrt7TPuwEmsHp+w6NDWjsV0YN6a1wgG/kVlmPrusQL16jsV80dkhjT+R6mEf4M/Hi5KS9DeEDiuvkE24T3iJenJy0R/kTfYrrSE4cnywQrxMv',
  'Tk7aGxIuKK4jOXGmEX4t5i+4ugVO6x8Kt/pUcPV9coA/aCxK3Pf0GujLes27Qt5dcfaVZ0PDmixn1mhtG1uTLAE6gQvEsvtZhux+l0nV/eJL1f2sN9n9arL7zWX3s6Jvt0B1',
  '5kRugdmtCys7EzYpp0XNroM1EWoJNicHb2RgGZZd7I70xJOVnfA9WX9+gqAuaI2LLtj0hfWOc7C73Be24dp26UQWYeVErK10Is/tyoksKseVW2fpRF4nlRN5T29OpIeJ/9FC',
  'J1LOf4b34jofexYDEezDzxZz51HpwnLO5X6xdrVf0qUmvCcdQY/qVbQ9VXO2bm5V8PH3vlHN2lcuC+bSZdmTymUNBlVs/EPGVrlJrE+NKjaey9j8dhXbcEGxxZAf5v4Qi98Q',
  '18C6+AHwKtcQ5I74JuI6z7En6inWuNK9CtaXjjXYVHEZXamDQDrWUa+Kxwi/46EevJGuMZZrjW+usSdd40bGM51U8YQX6Rq/ZDxx6QDRqXLstyE5wCJfRb+NMF++4b85Ebn5',
  'E7n5M4aMlqrQVLZ4XgwF2XuQBgyr1uA90wsXr5cunnR7QHvA4xpqURP9Orx3HBheR9psq5c+rZhPK74f+/467OGT3n6lD/LfMlujpxOkl369/3r4181tdW5u61K4LSjdFnbT',
  'BJMxEChq/8sfoouyW4yJDj5zJSmMa452Xq5mjfpxOhbJFIMkN2OvbJa41ZlM1KvOZEyz7F4BS2Vni2RnM0XVvVvgCjrX6ILjO1pjZ8KgnpZzZmxdnEMkOjqZK/royUfaqdbj',
  '7MOtuvrkhzwDSakjo3HtFudVQ78G0+nCJ++OO9wV2jN14SDRdnRGEyScPPZBno18PsuzEenwzPq3w8OHs1np8JqgdSruF0DWyL0HXofOZHogMP7YreK3DBn/Rbq6WLo6dFKI',
  'DSYdLNcJVrjWpXCttP+9iObsQzdwtNakD/0ifnyOsCKK31nE0HiuYp9XZ1K5tZSOpnJRdVikN0fzhK7ODlrwnKPjylqs3MOYveyrmN9N6eBq3zFHObwvKlejPxd8p4DPGzZ7',
  '+uZ7BebtXlJjgEqnPRjgHuCz80CeVVrSwWnyDEw0KgfHhTwHNJwqzwlWX4CtNuiQWxpTnoYJnf3xqXRV1rTSWXVWihVqJffZIb3wzbuux1il9ph7tsbBx5uLcqWL6t0cNFXg',
  '7g4dtJbgkO4hGvfXcVOwHmRXE1KMBbveFbu50K6Aj4N+UuuCZzPsJF/0eHgQvAtaTnhOuCsQdzuErwn/TAi3CT8Sjm4D8ZzwmPB9jjjDrtxP91hABO7Alz7BmzCpheBmjJ7E',
  'i3GA46BD83zQPOg6cJ6I5nEI3xEPiAjPCIdiHZ9wIHxLPN4aTppj/aWxbxmNTWjsK8XkEGf9SmM/irFA+JzwF4rJIc76nvANce7FhE/9I3bSHjqBRJvAwMcbmsYmNHZOY9c0',
  'trulsSHNVSdeTkB4UOAUV5cTPiT8WqxF+6u7hGfE1S/WEoSfaX674MoIXxFXr0V4l/ATzW8TV61JeErre4Jwt+DqceLqENdPitsmrtonjV3SWDehsSYUe0o4cdWWBU5cnWIt',
  'HYp9IJy4ahHhCXF1UCt9vB1INzvMe589kUNaFW6cXKhbnMe9E74tXGaH8GXhtsmFunQe5y8wM7AODbA6XWNwbt/Of6gmj1sPzrFMdjvDkOdYUXVOI0z3dnYhz7Empjy7COTZ',
  'xZrOseBlpOMtTm7KytFNeR10U2xBbqpJj/pegrep1idtTeDbTWUw573XRPg3N8Wpbk+LJ/j+Hb7CvDmPrTxXmspObd6cx35XnStNa+jYQu217CE393GQ7mM2/emM5xRVZzxe',
  'ozrjsUDuT96u9ieuzpOE5dzOVHCPrvbNQTUh/lHtkzWU+1Tf/vmMx5rIM56mU53xzH9Il5tK19aWLnch3Y11kO7mpV25m3dXutz6t7uhWpwW7maT6y8lz7isxS3imRBPrE+2',
  'lm2AFw5RriVS6RA9uZYuHXXflM5w9JOj7qfSGc5kfqyddIamdIaZzI8jXe/gJJ3h6baXV6y7324Ua+/gJ/fbJffLrbRyU0cyPXn+7abCaLqcJnfdVH5zU0O7DZOYkWu3vOSn',
  's6svsXn+69mVedE+F9YT5G6a147/77Or13+utwm5KdaZPw0buG/Dg3a7olidG3R21dN5+n1W1f2ahfXdXGM3R/UXDLhZRpicrXH1PGL9+3cQy6vXOC/n5ug6B98+0m8fef09',
  'xrvwLbElq/JkUIzobKrlp85jDnf4gZjQcx7GY8/lKfT/8Q5sTK4sbv6FX2JdXl/X5hSf4cQ3P/0nfhdVfv7f5cc0dLy3M5U8baLj2+1qoz2m3ChVQy+/VGARS1KzN38jh98Y',
  'Yx9FVWx1WV1Ww3//LrgdX16lK9E1L2GzpXEMQ9QYWtn7GgtUNVZX1dhJmIOjyz4oh4P8fg67yhqLVHP4DHEt8MMl5bD3IIdN5RyeVXN4YOHOEYcN5nDEH+QwUc1hSzWHX1gS',
  'esM4pDoxgvt1ojdQzWH2m3WCniJ+4SfM5s6fRaSxEO5qrO1rivyGoKqxHxBMdxPdIY3N7mssOytqrO33VTXWYdp6xwfUi0at+xob2ooayy6qGsuBn9Ozs6ccRuJBDlVr/VC1',
  '1q8YjIZTa7SjHGYPcqha69vKtd632W7eezmYmMMwfpBD1VqfKdf6POc7Zxj3qU5M7/uJtnKtH0a/WSey86/8zoB1itkJaWx230+0u8oai1U1ZsD8aNfPE9LY+YHGWqoa6ylr',
  'LGKOu94bVCfG4oHGMlWNtVU1ds4tv5NoOuVwftdP2Llirb/4umqtX9kw2rt+u/ATz3dzuALFWo/xqNZ6P2Pp57zzWeSwdi+HGLNirV+Bcq2/JJb3xZdnqhPJXT+BMV9Uc+j/',
  'bp1o/YVfzq+dMYSksSXc11hXWWNCVWM+xN7hujmjxkzrgcbqqhrrKmusxhqj4/REvSjaPtBYpKqxhqrGronJj8GLQzlciQc5VNaYcq1/g3HXeK3XKYfiQQ5bqjlUrvVdYJAt',
  'Jzt6dpz4D3KYqeZQudbX6NNlRuNCdWJ910/YZ+Va//d9Pch76y/8EuPNO37NSWObu34C+Q1U+XFVjQ1hcGx5bp80Nr+vMX5R1NjZX6pqTLBDMvSeqBdN4b7Ghr6ixvhVVWN1',
  'YU02nU6Dcri97yfOyrV+qFzrQxhEnWQ1pxxuHuRQtdaflWt9N2bBITWadD4xzR7kULXWc+Va3wCzZQXpiOrE530/cVau9X/f14O8t/7CT5jsYgY+aexw30+ce8oaS1Q1NoV3',
  'nedNOp8wrw801lbVWE9ZYweW1g7mmerELLqvsRUoaszOVTXWBOtpFYZryuHpvp+4KNf6lXKtn0PcCJcNOp8wO/dzaKvW+ot6rW8xy4l3BnnCWedBDlVrva1c65u5NXiuRxHV',
  'ify+n7go1/qV+N060f6VXws1xl76nDR2vu8nLl1ljQWqGluCiJbpG0ONWc4DjTVUNdZV1VjPZr2YtzvkWeP8gcZiVY01VTXWyo1zsH39QTm83vcTF+Vav1Ku9Rn0m1/hp0E5',
  'HDzIoWqtvyjX+l7ApqPL0KY6MQ/u5/CqWut95VrfTviz+2kvqE407vuJq3Ktv/LfrBNob37ll1vHhpEdSWPN+37iqvh7W+Rnq2psC+Nr8PpKvxe13u9rDGdX09jVV/2dWi9j',
  '1kujkVOdWNgPNCZUNVZT1dhzYmkjz+tRDtv3/cRVudZflWv9Jyzqp9UreUJr+yCHqrX+ql7rc/Zuts4e1YnF4UEOVWu9r1zrX4Q5an0GGdWJl/t+4qpc66/Jb9YJrJS/8kuM',
  't9nRKHpR576fuPaUNZapauwLwuj9RV+Txur3NSZyRY3VfNUzsDdg9KkdLej3eXdIH9kZBkZvEEyMoC6Ovg70B5a5lvyr+Ki019NcGkPf+9C1DT4Y/id94Kdeox9vXg5XNo1w',
  'l/l0Zo4ak/CcRWlbW+Bq88b6OgkwgjFbxhujNmvamiZ8j3lbznJAVdX8P33mukxZ9ckCH3hT/uw3xxpLaPl/+su5P4+9+GC05c9wrNZMap78/wmqV6/8dHqUw+z2J33/+uN/',
  '/hdeACoC3kAAAA==',
];
