package main

import (
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/fixtures/softhsm"
)

// cmdHSM is what hands do with tokens.
//
//	hsm new          a SoftHSM2 of the script's own, without a token; $MODULE is its library, $WORK/pin and $WORK/so-pin
//	                 are files with the PINs
//	hsm unplug       all tokens are away
//	hsm plug         and back
func cmdHSM(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hsm new|unplug|plug")
	}
	dir := ts.MkAbs("hsm")
	tokens, away := dir+"/tokens", dir+"/away"
	switch args[0] {
	case "new":
		ts.Check(os.Mkdir(dir, 0o700))
		h, err := softhsm.New(dir)
		ts.Check(err)
		name, conf, _ := strings.Cut(h.Env(), "=")
		ts.Setenv(name, conf)
		ts.Setenv("MODULE", h.Module)
		ts.Check(os.WriteFile(ts.MkAbs("pin"), []byte(softhsm.PIN+"\n"), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs("so-pin"), []byte(softhsm.SOPIN+"\n"), 0o600))
	case "unplug":
		ts.Check(os.Rename(tokens, away))
		ts.Check(os.Mkdir(tokens, 0o700))
	case "plug":
		ts.Check(os.Remove(tokens))
		ts.Check(os.Rename(away, tokens))
	default:
		ts.Fatalf("hsm %s: unknown", args[0])
	}
}
