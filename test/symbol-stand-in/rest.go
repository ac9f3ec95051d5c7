package main

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"
)

// restConfig is what this looks at of rest.json.
type restConfig struct {
	Port int `json:"port"`
	DB   *struct {
		URL string `json:"url"`
	} `json:"db"`
	ApiNode struct {
		Host                  string `json:"host"`
		Port                  int    `json:"port"`
		TLSClientCertificate  string `json:"tlsClientCertificatePath"`
		TLSClientKey          string `json:"tlsClientKeyPath"`
		TLSCA                 string `json:"tlsCaCertificatePath"`
		NetworkPropertyFile   string `json:"networkPropertyFilePath"`
		NodePropertyFile      string `json:"nodePropertyFilePath"`
		InflationPropertyFile string `json:"inflationPropertyFilePath"`
	} `json:"apiNode"`
}

// runRest is REST of the node in the same pod, light or with a database.
func runRest(arguments []string) {
	isLight := slices.Equal(arguments, []string{"run", "start-light", "--prefix", "/app", "/userconfig/rest.json"})
	if !isLight && !slices.Equal(arguments, []string{"start", "--prefix", "/app", "/userconfig/rest.json"}) {
		refuse("npm cannot do %v", arguments)
	}
	var c restConfig
	content, err := os.ReadFile(arguments[len(arguments)-1])
	if err == nil {
		err = json.Unmarshal(content, &c)
	}
	if err != nil || c.ApiNode.Host == "" {
		refuse("rest.json: %v", err)
	}
	for _, path := range []string{c.ApiNode.NetworkPropertyFile, c.ApiNode.NodePropertyFile, c.ApiNode.InflationPropertyFile} {
		if path == "" {
			continue
		}
		if _, err := readProperties(path); err != nil {
			refuse("rest.json: %v", err)
		}
	}
	if !isLight {
		if c.DB == nil {
			refuse("rest.json: db is missing")
		}
		if _, err := net.DialTimeout("tcp", databaseHost(c.DB.URL), 5*time.Second); err != nil {
			refuse("MongoDB: %v", err)
		}
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /chain/info", func(response http.ResponseWriter, _ *http.Request) {
		statistics, err := c.askNode(0x005)
		if err != nil {
			answerError(response, http.StatusServiceUnavailable, "Internal", err.Error())
			return
		}
		answerChainInfo(response, binary.LittleEndian.Uint64(statistics), binary.LittleEndian.Uint64(statistics[8:]))
	})
	routes.HandleFunc("GET /node/info", func(response http.ResponseWriter, _ *http.Request) {
		if _, err := c.askNode(0x111); err != nil {
			answerError(response, http.StatusServiceUnavailable, "Internal", err.Error())
			return
		}
		answerJSON(response, map[string]any{"version": 0x01000307, "networkIdentifier": 152})
	})
	if !isLight {
		routes.HandleFunc("GET /node/health", func(response http.ResponseWriter, _ *http.Request) {
			states := map[string]string{"apiNode": "up", "db": "up"}
			if _, err := c.askNode(0x005); err != nil {
				states["apiNode"] = "down"
			}
			if mongo, err := net.DialTimeout("tcp", databaseHost(c.DB.URL), time.Second); err != nil {
				states["db"] = "down"
			} else {
				mongo.Close()
			}
			if states["apiNode"] == "down" || states["db"] == "down" {
				response.WriteHeader(http.StatusServiceUnavailable)
			}
			answerJSON(response, map[string]any{"status": states})
		})
	}
	go func() { refuse("%v", http.ListenAndServe(":"+strconv.Itoa(c.Port), routes)) }()
	say("REST started")
	<-stopSignals()
	say("REST stopped")
}

// askNode asks as REST does: with the node's own certificate, from the same host.
func (c *restConfig) askNode(kind uint32) ([]byte, error) {
	pair, err := tls.LoadX509KeyPair(c.ApiNode.TLSClientCertificate, c.ApiNode.TLSClientKey)
	if err != nil {
		return nil, err
	}
	if root, err := readCertificate(c.ApiNode.TLSCA); err == nil {
		pair.Certificate = append(pair.Certificate, root)
	} else {
		return nil, err
	}
	address := net.JoinHostPort(c.ApiNode.Host, strconv.Itoa(c.ApiNode.Port))
	connection, err := tls.Dial("tcp", address, &tls.Config{
		Certificates:       []tls.Certificate{pair},
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true,
	})
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err := connection.Write(appendAll32(8, kind)); err != nil {
		return nil, err
	}
	header := make([]byte, 8)
	if _, err := io.ReadFull(connection, header); err != nil {
		return nil, err
	}
	body := make([]byte, binary.LittleEndian.Uint32(header)-8)
	_, err = io.ReadFull(connection, body)
	return body, err
}

func answerChainInfo(response http.ResponseWriter, height, finalized uint64) {
	answerJSON(response, map[string]any{
		"height":    fmt.Sprint(height),
		"scoreHigh": "0",
		"scoreLow":  fmt.Sprint(height),
		"latestFinalizedBlock": map[string]any{
			"finalizationEpoch": 1 + (finalized+719)/720,
			"finalizationPoint": 1,
			"height":            fmt.Sprint(finalized),
			"hash":              "00",
		},
	})
}

func answerJSON(response http.ResponseWriter, body any) {
	response.Header().Set("content-type", "application/json")
	json.NewEncoder(response).Encode(body)
}

func answerError(response http.ResponseWriter, status int, code, message string) {
	response.Header().Set("content-type", "application/json")
	response.WriteHeader(status)
	json.NewEncoder(response).Encode(map[string]string{"code": code, "message": message})
}
