package main

// What runs beside a full API node's server: broker and MongoDB; and the recovery, before it.

import (
	"bufio"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func runBroker(c *config) {
	c.need("extensions-broker", "logging-broker", "messaging", "database")
	release := c.takeLock("broker")
	if _, err := os.Stat(filepath.Join(c.storage("dataDirectory"), "server.lock")); err != nil {
		refuse("the server was not started before the broker: %v", err)
	}
	mongo := dialDatabase(c)
	if _, err := net.Listen("tcp", ":"+c.text("messaging", "messaging", "subscriberPort")); err != nil {
		refuse("%v", err)
	}
	c.journal("broker started")
	gone := make(chan error, 1)
	go func() {
		_, err := bufio.NewReader(mongo).ReadString('\n')
		gone <- err
	}()
	select {
	case <-stopSignals():
		c.journal("broker stopped")
		release()
	case err := <-gone:
		refuse("MongoDB is gone: %v", err)
	}
}

func dialDatabase(c *config) net.Conn {
	address, err := url.Parse(c.text("database", "database", "databaseUri"))
	if err != nil {
		refuse("databaseUri: %v", err)
	}
	mongo, err := net.DialTimeout("tcp", address.Host, 5*time.Second)
	if err != nil {
		refuse("MongoDB: %v", err)
	}
	return mongo
}

// A file of this name in the data directory makes recoveries fail, and leave their lock file as catapult's do.
const failingRecovery = "recovery-fails"

func runRecovery(c *config) {
	c.need("extensions-recovery", "logging-recovery")
	c.checkLogs("logging-recovery")
	release := c.takeLock("recovery")
	data := c.storage("dataDirectory")
	if _, err := os.Stat(filepath.Join(data, failingRecovery)); err == nil {
		refuse("%s is there", failingRecovery)
	}
	if c.flag("extensions-recovery", "extensions", "extension.mongo") {
		c.need("database")
		dialDatabase(c).Close()
	}
	for _, name := range []string{"broker.lock", "server.lock"} {
		os.Remove(filepath.Join(data, name))
	}
	c.journal("recovered")
	release()
}

const mongoPort = "27017"

func runMongo(arguments []string) {
	folder, host := "", ""
	for _, argument := range arguments {
		folder = orElse(valueOf(argument, "--dbpath="), folder)
		host = orElse(valueOf(argument, "--bind_ip="), host)
	}
	if folder == "" || host == "" {
		refuse("found %v, need --dbpath and --bind_ip", arguments)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(host, mongoPort))
	if err != nil {
		refuse("%v", err)
	}
	noteIn(folder, "mongo started")
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				refuse("%v", err)
			}
			go obey(connection, folder)
		}
	}()
	<-stopSignals()
	noteIn(folder, "mongo stopped")
}

// obey keeps the connection, as those who hold one want to see it end.
func obey(connection net.Conn, folder string) {
	defer connection.Close()
	lines := bufio.NewReader(connection)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		noteIn(folder, "%s", strings.TrimSpace(line))
		connection.Write([]byte("done\n"))
	}
}

// runMongoShell knows two scripts: a ping, and the one that makes the collections.
func runMongoShell(arguments []string) {
	connection, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", mongoPort), time.Second)
	if err != nil {
		refuse("MongoDB: %v", err)
	}
	defer connection.Close()
	if script := strings.Join(arguments, " "); strings.Contains(script, "mongoDbPrepare.js") {
		if _, err := os.Stat("mongoDbPrepare.js"); err != nil {
			refuse("the scripts are not in the working directory: %v", err)
		}
		connection.Write([]byte("mongo prepared\n"))
		bufio.NewReader(connection).ReadString('\n')
	}
}

func valueOf(argument, prefix string) string {
	value, found := strings.CutPrefix(argument, prefix)
	if !found {
		return ""
	}
	return value
}

func orElse(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
