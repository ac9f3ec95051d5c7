// Stands in for the images of a Symbol node, which cannot be had offline: catapult's server, broker and recovery, REST, MongoDB, and a small
// world outside with nodewatch and the REST of another node. Nothing here makes blocks; heights follow the clock. What it is for is the
// other side: it takes nothing that catapult would not take (configuration, certificates, keys, mounts, lock files, order), says so and
// ends as catapult does.
//
// It knows nothing of our own code: formats and protocol are written down here a second time.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Of catapult where an earlier run has left its lock file: -3.
const exitLocked = 253

func main() {
	program, err := os.Executable()
	if err != nil {
		refuse("%v", err)
	}
	arguments := os.Args[1:]
	switch name := filepath.Base(program); name {
	case "catapult.server":
		runServer(readConfig(arguments))
	case "catapult.broker":
		runBroker(readConfig(arguments))
	case "catapult.recovery":
		runRecovery(readConfig(arguments))
	case "npm":
		runRest(arguments)
	case "mongod":
		runMongo(arguments)
	case "mongosh":
		runMongoShell(arguments)
	case "symbol-world":
		runWorld(arguments)
	default:
		refuse("nobody knows what %s is to do", name)
	}
}

// refuse ends the program, and says why in its log.
func refuse(format string, values ...any) {
	say("refused: "+format, values...)
	os.Exit(1)
}

func say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "%s\n", strings.TrimSpace(fmt.Sprintf(format, values...)))
}
