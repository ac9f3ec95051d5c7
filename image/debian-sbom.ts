/** The bill of materials of what is not from npm, as a CycloneDX file. */

const FOLDER = '/usr/share/doc/nodewright';
/** `dpkg-query --show` has a line for each package: name, perhaps `:` and an architecture, tab, version. */
const COMPONENTS = [
  String.raw`[inputs | split("\t") | {name: (.[0] | split(":")[0]), version: .[1]}`,
  String.raw`| {type: "library", name, version, purl: "pkg:deb/debian/\(.name)@\(.version | @uri)"}]`,
  String.raw`+ [{type: "application", name: "node", version: $node, purl: "pkg:generic/node@\($node)"}]`,
].join(' ');

/** A shell command that writes the file, run inside the image while it is made: its own packages are asked, and its own Node.js. */
export const writeDebianSbom = [
  `mkdir -p ${FOLDER}`,
  'version=$(node --version)',
  `dpkg-query --show | jq --raw-input --null-input --arg node "$version"` +
    ` '($node | ltrimstr("v")) as $node | {bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components: (${COMPONENTS})}'` +
    ` > ${FOLDER}/debian.cdx.json`,
].join(' && ');
