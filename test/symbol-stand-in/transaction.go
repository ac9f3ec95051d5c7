package main

import (
	"crypto/ed25519"
	"crypto/sha3"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// transaction is an aggregate of links, or the deposit of one, as the network has it on the wire.
type transaction struct {
	hash     string
	size     int
	fee      uint64
	deadline uint64
	isSigned bool
	isBonded bool
	signer   string
	// Of a hash lock: the aggregate that it is for.
	locks   string
	changes []linkChange
	group   string
	code    string
}

type linkChange struct {
	kind                 uint16
	signer, key          string
	startEpoch, endEpoch uint32
	links                bool
}

const (
	aggregateComplete = 0x4141
	aggregateBonded   = 0x4241
	hashLock          = 0x4148
	accountKeyLink    = 0x414c
	vrfKeyLink        = 0x4243
	votingKeyLink     = 0x4143
	headerSize        = 128
	currency          = 0x72C0212E67A08BCE
	deposit           = 10_000_000
	// With the hash of the embedded transactions and their size.
	aggregateSize = headerSize + 40
	// Of an aggregate not all is signed, as cosignatures are added later: the hash and the size of what is embedded.
	signedFrom = 108
	signedTo   = headerSize + 36
)

func readTransaction(payload, seed []byte) (*transaction, error) {
	if len(payload) < aggregateSize || int(binary.LittleEndian.Uint32(payload)) != len(payload) {
		return nil, fmt.Errorf("has %d bytes and says otherwise", len(payload))
	}
	kind := binary.LittleEndian.Uint16(payload[110:])
	isAggregate := (kind == aggregateComplete || kind == aggregateBonded) && payload[108] == 3
	if !isAggregate && (kind != hashLock || payload[108] != 1) {
		return nil, fmt.Errorf("type 0x%x of version %d is none of ours", kind, payload[108])
	}
	end := len(payload)
	if isAggregate {
		end = signedTo
	}
	signature, signer := payload[8:72], payload[72:104]
	signed := slices.Concat(seed, payload[signedFrom:end])
	digest := sha3.Sum256(slices.Concat(signature, signer, signed))
	t := &transaction{
		hash:     strings.ToUpper(hex.EncodeToString(digest[:])),
		size:     len(payload),
		fee:      binary.LittleEndian.Uint64(payload[112:]),
		deadline: binary.LittleEndian.Uint64(payload[120:]),
		isSigned: ed25519.Verify(signer, signed, signature),
		isBonded: kind == aggregateBonded,
		signer:   strings.ToUpper(hex.EncodeToString(signer)),
	}
	if !isAggregate {
		return t, t.readLock(payload[headerSize:])
	}
	rest := payload[aggregateSize:]
	if int(binary.LittleEndian.Uint32(payload[headerSize+32:])) != len(rest) {
		return nil, errors.New("has embedded transactions of another size, or cosignatures")
	}
	for len(rest) > 0 {
		size := int(binary.LittleEndian.Uint32(rest))
		padded := (size + 7) / 8 * 8
		if size < 48+33 || padded > len(rest) {
			return nil, fmt.Errorf("has an embedded transaction of %d bytes where %d are left", size, len(rest))
		}
		change, err := readLinkChange(rest[:size])
		if err != nil {
			return nil, err
		}
		t.changes = append(t.changes, change)
		rest = rest[padded:]
	}
	return t, nil
}

// readLock gets a mosaic, an amount, a duration in blocks, and the hash of what the deposit is for.
func (t *transaction) readLock(body []byte) error {
	if len(body) != 56 {
		return fmt.Errorf("a hash lock of %d bytes", len(body))
	}
	mosaic, amount := binary.LittleEndian.Uint64(body), binary.LittleEndian.Uint64(body[8:])
	if duration := binary.LittleEndian.Uint64(body[16:]); mosaic != currency || amount != deposit || duration == 0 || duration > 5760 {
		return fmt.Errorf("a deposit of %d of mosaic %X for %d blocks", amount, mosaic, duration)
	}
	t.locks = strings.ToUpper(hex.EncodeToString(body[24:]))
	return nil
}

func readLinkChange(bytes []byte) (linkChange, error) {
	body := bytes[48:]
	change := linkChange{
		kind:   binary.LittleEndian.Uint16(bytes[46:]),
		signer: strings.ToUpper(hex.EncodeToString(bytes[8:40])),
		key:    strings.ToUpper(hex.EncodeToString(body[:32])),
	}
	switch {
	case (change.kind == accountKeyLink || change.kind == vrfKeyLink) && len(body) == 33:
		change.links = body[32] == 1
	case change.kind == votingKeyLink && len(body) == 41:
		change.startEpoch = binary.LittleEndian.Uint32(body[32:])
		change.endEpoch = binary.LittleEndian.Uint32(body[36:])
		change.links = body[40] == 1
	default:
		return change, fmt.Errorf("embedded type 0x%x of %d bytes is none of ours", change.kind, len(bytes))
	}
	return change, nil
}

// apply is the network's rule: what is linked already cannot be linked, and what is not cannot be unlinked.
func (change linkChange) apply(a *account) error {
	one := &a.linked
	switch change.kind {
	case vrfKeyLink:
		one = &a.vrf
	case votingKeyLink:
		link := votingLink{PublicKey: change.key, StartEpoch: change.startEpoch, EndEpoch: change.endEpoch}
		at := slices.Index(a.voting, link)
		switch {
		case change.links && len(a.voting) >= 3:
			return errors.New("Failure_AccountLink_Too_Many_Links")
		case change.links && at < 0:
			a.voting = append(a.voting, link)
			return nil
		case !change.links && at >= 0:
			a.voting = slices.Delete(a.voting, at, at+1)
			return nil
		}
		return errors.New("Failure_AccountLink_Inconsistent_Unlink_Data")
	}
	switch {
	case change.links && *one == "":
		*one = change.key
	case !change.links && *one == change.key:
		*one = ""
	case change.links:
		return errors.New("Failure_AccountLink_Link_Already_Exists")
	default:
		return errors.New("Failure_AccountLink_Inconsistent_Unlink_Data")
	}
	return nil
}

func decodePEM(content []byte) ([]byte, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New("found no PEM")
	}
	return block.Bytes, nil
}

func databaseHost(text string) string {
	address, err := url.Parse(text)
	if err != nil || address.Host == "" {
		refuse("database: %q is no address", text)
	}
	return address.Host
}
