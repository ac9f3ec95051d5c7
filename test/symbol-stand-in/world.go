package main

import (
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

// world is what a node finds outside of the cluster: nodewatch, REST of another node with accounts and transactions, and a web hook that
// remembers what it was told. Blocks come when they are asked for.
type world struct {
	sync.Mutex
	seed         []byte
	height       uint64
	accounts     map[string]*account
	multisigs    map[string]multisig
	transactions map[string]*transaction
	order        []string
	alerts       []json.RawMessage
}

type account struct {
	linked, vrf string
	voting      []votingLink
	// Of a multisig account: public key of the one that may begin a transaction.
	cosigner string
}

// multisig is what REST says of the account with an address.
type multisig struct {
	MinApproval          int      `json:"minApproval"`
	MinRemoval           int      `json:"minRemoval"`
	CosignatoryAddresses []string `json:"cosignatoryAddresses"`
	MultisigAddresses    []string `json:"multisigAddresses"`
}

type votingLink struct {
	PublicKey  string `json:"publicKey"`
	StartEpoch uint32 `json:"startEpoch"`
	EndEpoch   uint32 `json:"endEpoch"`
}

// runWorld gets the generation hash seed and where to listen.
func runWorld(arguments []string) {
	if len(arguments) != 2 {
		refuse("found %v, need a generation hash seed and an address", arguments)
	}
	seed, err := hex.DecodeString(arguments[0])
	if err != nil || len(seed) != 32 {
		refuse("the seed is %q: %v", arguments[0], err)
	}
	w := &world{seed: seed, height: 1000, accounts: map[string]*account{}, multisigs: map[string]multisig{}, transactions: map[string]*transaction{}}
	routes := http.NewServeMux()
	locked := func(pattern string, handle http.HandlerFunc) {
		routes.HandleFunc(pattern, func(response http.ResponseWriter, request *http.Request) {
			w.Lock()
			defer w.Unlock()
			handle(response, request)
		})
	}
	locked("GET /api/symbol/height", func(response http.ResponseWriter, _ *http.Request) {
		answerJSON(response, map[string]uint64{"height": w.height, "finalizedHeight": finalizedOf(w.height)})
	})
	nodes := func(response http.ResponseWriter, request *http.Request) {
		answerJSON(response, []map[string]any{{
			"mainPublicKey": strings.Repeat("AB", 32), "endpoint": "http://" + request.Host, "name": "world", "roles": 3,
			"version": "1.0.3.7", "height": w.height, "finalizedHeight": finalizedOf(w.height), "balance": 1,
		}})
	}
	locked("GET /api/symbol/nodes/peer", nodes)
	locked("GET /api/symbol/nodes/api", nodes)
	locked("GET /chain/info", func(response http.ResponseWriter, _ *http.Request) {
		answerChainInfo(response, w.height, finalizedOf(w.height))
	})
	locked("GET /node/time", func(response http.ResponseWriter, _ *http.Request) {
		now := strconv.FormatUint(w.now(), 10)
		answerJSON(response, map[string]any{"communicationTimestamps": map[string]string{"sendTimestamp": now, "receiveTimestamp": now}})
	})
	locked("GET /accounts/{key}", w.answerAccount)
	locked("GET /account/{address}/multisig", func(response http.ResponseWriter, request *http.Request) {
		if found, isMultisig := w.multisigs[request.PathValue("address")]; isMultisig {
			answerJSON(response, map[string]any{"multisig": found})
			return
		}
		answerError(response, http.StatusNotFound, "ResourceNotFound", "no resource exists with this id")
	})
	locked("GET /transactionStatus/{hash}", w.answerStatus)
	locked("PUT /transactions", func(response http.ResponseWriter, request *http.Request) { w.take(response, request, false) })
	locked("PUT /transactions/partial", func(response http.ResponseWriter, request *http.Request) { w.take(response, request, true) })
	locked("POST /hook", func(response http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		w.alerts = append(w.alerts, body)
	})
	// For tests.
	locked("GET /alerts", func(response http.ResponseWriter, _ *http.Request) { answerJSON(response, w.alerts) })
	locked("GET /announced", func(response http.ResponseWriter, _ *http.Request) { answerJSON(response, w.order) })
	locked("GET /make-multisig/{key}/{address}/{approvals}/{cosigner}/{cosignerAddress}", w.makeMultisig)
	locked("GET /cosign/{hash}", func(response http.ResponseWriter, request *http.Request) {
		if found := w.transactions[request.PathValue("hash")]; found != nil && found.group == "partial" {
			found.group = "unconfirmed"
			return
		}
		answerError(response, http.StatusNotFound, "ResourceNotFound", "nothing waits for cosignatures")
	})
	locked("GET /make-blocks/{count}", func(_ http.ResponseWriter, request *http.Request) {
		count, _ := strconv.ParseUint(request.PathValue("count"), 10, 64)
		w.height += count
		w.confirm()
	})
	go func() { refuse("%v", http.ListenAndServe(arguments[1], routes)) }()
	say("the world is there")
	<-stopSignals()
}

// now is the network's clock: half a minute a block.
func (w *world) now() uint64 { return w.height * 30_000 }

func (w *world) answerAccount(response http.ResponseWriter, request *http.Request) {
	key := request.PathValue("key")
	if bytes, err := hex.DecodeString(key); err != nil || len(bytes) != 32 {
		answerError(response, http.StatusConflict, "InvalidArgument", "accountId has an invalid format")
		return
	}
	found := w.accountOf(key)
	keys := map[string]any{}
	if found.linked != "" {
		keys["linked"] = map[string]string{"publicKey": found.linked}
	}
	if found.vrf != "" {
		keys["vrf"] = map[string]string{"publicKey": found.vrf}
	}
	if len(found.voting) > 0 {
		keys["voting"] = map[string]any{"publicKeys": found.voting}
	}
	answerJSON(response, map[string]any{"id": "0", "account": map[string]any{
		"publicKey":              key,
		"supplementalPublicKeys": keys,
		"mosaics":                []map[string]string{{"id": "72C0212E67A08BCE", "amount": "1000000000"}},
	}})
}

func (w *world) accountOf(key string) *account {
	key = strings.ToUpper(key)
	if w.accounts[key] == nil {
		w.accounts[key] = &account{}
	}
	return w.accounts[key]
}

func (w *world) answerStatus(response http.ResponseWriter, request *http.Request) {
	found := w.transactions[request.PathValue("hash")]
	if found == nil {
		answerError(response, http.StatusNotFound, "ResourceNotFound", "no resource exists with this id")
		return
	}
	answerJSON(response, map[string]any{
		"group": found.group, "code": found.code, "hash": found.hash, "deadline": fmt.Sprint(found.deadline), "height": "0",
	})
}

// take answers as REST does: whatever has the form of a transaction is passed on, and its status tells the rest.
func (w *world) take(response http.ResponseWriter, request *http.Request, isPartial bool) {
	var body struct {
		Payload string `json:"payload"`
	}
	if err := json.NewDecoder(request.Body).Decode(&body); err != nil {
		answerError(response, http.StatusBadRequest, "InvalidArgument", err.Error())
		return
	}
	payload, err := hex.DecodeString(body.Payload)
	if err != nil {
		answerError(response, http.StatusConflict, "InvalidArgument", err.Error())
		return
	}
	read, err := readTransaction(payload, w.seed)
	if err != nil {
		say("not a transaction: %v", err)
		answerError(response, http.StatusConflict, "InvalidArgument", err.Error())
		return
	}
	if read.isBonded != isPartial {
		answerError(response, http.StatusConflict, "InvalidArgument", "bonded transactions go to /transactions/partial, and no others")
		return
	}
	w.order = append(w.order, read.hash)
	// Nodes drop a bonded transaction whose deposit is not confirmed, and say nothing.
	if w.transactions[read.hash] == nil && (!isPartial || w.isLocked(read)) {
		w.check(read)
		w.transactions[read.hash] = read
	}
	response.WriteHeader(http.StatusAccepted)
	fmt.Fprint(response, `{"message":"packet 9 was pushed to the network via /transactions"}`)
}

func (w *world) check(t *transaction) {
	t.group, t.code = "failed", ""
	switch now := w.now(); {
	case !t.isSigned:
		t.code = "Failure_Signature_Not_Verifiable"
	case t.deadline <= now:
		t.code = "Failure_Core_Past_Deadline"
	case t.deadline > now+2*3_600_000 && !(t.isBonded && t.deadline <= now+48*3_600_000):
		t.code = "Failure_Core_Future_Deadline"
	case t.fee < 100*uint64(t.size):
		t.code = "Failure_Core_Insufficient_Fee"
	case !w.mayBegin(t):
		t.code = "Failure_Aggregate_Missing_Cosignatures"
	case t.isBonded:
		t.group, t.code = "partial", "Success"
	default:
		t.group, t.code = "unconfirmed", "Success"
	}
}

// mayBegin tells whether the initiator speaks for the accounts of the changes: complete where nobody else has to agree.
func (w *world) mayBegin(t *transaction) bool {
	for _, change := range t.changes {
		cosigner := w.accountOf(change.signer).cosigner
		if isMultisig := cosigner != ""; isMultisig != t.isBonded || t.signer != change.signer && t.signer != cosigner {
			return false
		}
	}
	return true
}

func (w *world) isLocked(bonded *transaction) bool {
	for _, other := range w.transactions {
		if other.locks == bonded.hash && other.group == "confirmed" {
			return true
		}
	}
	return false
}

func (w *world) makeMultisig(_ http.ResponseWriter, request *http.Request) {
	approvals, _ := strconv.Atoi(request.PathValue("approvals"))
	address, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(request.PathValue("cosignerAddress"))
	w.accountOf(request.PathValue("key")).cosigner = strings.ToUpper(request.PathValue("cosigner"))
	w.multisigs[request.PathValue("address")] = multisig{
		MinApproval: approvals, MinRemoval: approvals,
		CosignatoryAddresses: []string{hex.EncodeToString(address)}, MultisigAddresses: []string{},
	}
}

func (w *world) confirm() {
	for _, hash := range w.order {
		found := w.transactions[hash]
		if found.group != "unconfirmed" {
			continue
		}
		found.group = "confirmed"
		for _, change := range found.changes {
			if err := change.apply(w.accountOf(change.signer)); err != nil {
				found.group, found.code = "failed", err.Error()
			}
		}
	}
}

func readCertificate(path string) ([]byte, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return decodePEM(content)
}
