// Command simd is a real chain of the Cosmos SDK, for tests: the application that ibc-go tests itself with, which is the
// only one published as a Go module. Its own main package can't be installed from outside, because of a replacement in its
// go.mod, so this one runs the same command.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/cosmos/cosmos-sdk/server/cmd"
	"github.com/cosmos/ibc-go/v8/testing/simapp"
	simd "github.com/cosmos/ibc-go/v8/testing/simapp/simd/cmd"
)

func main() {
	// It writes client.toml there before it reads --home. In a pod it may run as a user whose home belongs to root.
	simapp.DefaultNodeHome = filepath.Join(os.TempDir(), "simapp")
	if err := cmd.Execute(simd.NewRootCmd(), "", simapp.DefaultNodeHome); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
