package main

import (
	"errors"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio/sam"
)

type keysImportOptions struct {
	what, kcv string
	version   uint8
	holders   int
}

func keysImportCommand(a *app) *cobra.Command {
	var o keysImportOptions
	c := &cobra.Command{
		Use:   "import",
		Short: "Key ceremony: a root from the components of two or more holders",
		Long: `Key ceremony: a root from the components of two or more holders.

The holders come to the terminal one after the other. Each types the component (32
hex digits) and its check value; nothing of a component is shown, and each is held
against its check value at once. All of them under exclusive or are the root. Where
standard input is no terminal, it has a component and a check value a line, in turn.
Components are never arguments: those can be seen by everybody on the machine.

The same ceremony restores a root: name its --version, and --kcv to be sure.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return runKeysImport(a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.what, "for", "", "what the keys are for, where there are none yet: trial or production of cards, or esam: the security chips of meters")
	f.Uint8Var(&o.version, "version", 0, "the root's version (default: the next one)")
	f.StringVar(&o.kcv, "kcv", "", "the check value that the root must have")
	f.IntVar(&o.holders, "holders", 2, "how many holders come, 2 to 9")
	return c
}

func runKeysImport(a *app, o keysImportOptions) error {
	p, err := purpose(o.what)
	if err != nil {
		return err
	}
	if o.holders < 2 || o.holders > 9 {
		return usageError{errors.New("a ceremony has 2 to 9 holders")}
	}
	s, err := a.keyStore()
	if err != nil {
		return err
	}
	held, err := s.Roots()
	if err != nil {
		return err
	}
	if o.version == 0 {
		if o.version, err = sam.Next(held, p); err != nil {
			return err
		}
	}
	key, err := a.ceremony(os.Stdin, o.holders)
	if err != nil {
		return err
	}
	return a.importRoot(s, o, key)
}

// importRoot stores the root that the ceremony gave. One that is there already is not stored again.
func (a *app) importRoot(s keyStore, o keysImportOptions, key *sam.Key) error {
	kcv, err := key.KCV()
	if err != nil {
		return err
	}
	if o.kcv != "" && !strings.EqualFold(kcv, o.kcv) {
		return sam.ErrKCV
	}
	there, held, err := rootOf(s, o.version)
	if err != nil {
		return err
	}
	if held && there.KCV == kcv {
		return a.didOne(false, rootRecord(there, "held"))
	}
	return a.addRoot(s, o.version, key)
}
