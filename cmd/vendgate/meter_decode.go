package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/meterproto/facts"
)

// longestLine is the most hexadecimal digits and spaces of one line: forty
// minutes of a line at 2400 baud.
const longestLine = 1 << 20

type meterDecodeOptions struct {
	protocol string
	forEyes  bool
}

func meterDecodeCommand(a *app) *cobra.Command {
	var o meterDecodeOptions
	c := &cobra.Command{
		Use:   "decode",
		Short: "Say what bytes from a meter line hold",
		Long: `Read hexadecimal digits from standard input, a line at a time (spaces are allowed; a line may hold noise, an echo and
several frames), and answer each line with one JSON object on a line of its own:

  {"ok":true,"frames":[{...}],"skipped_bytes":0}
  {"ok":false,"error":"...","frames":[],"skipped_bytes":0}

A line that holds no frame is an answer like any other: the command ends with 0. -o table shows the same to people.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.forEyes = c.Flags().Changed("output") && a.output == "table"
			return runMeterDecode(a, o, c.InOrStdin())
		},
	}
	c.Flags().StringVar(&o.protocol, "protocol", "", "what the meter speaks: "+strings.Join(facts.Protocols(), ", "))
	return c
}

func runMeterDecode(a *app, o meterDecodeOptions, in io.Reader) error {
	if !slices.Contains(facts.Protocols(), o.protocol) {
		return usageError{fmt.Errorf("--protocol %q: want one of %s", o.protocol, strings.Join(facts.Protocols(), ", "))}
	}
	if a.output == "csv" {
		return usageError{errors.New("frames differ too much for columns: want -o json or -o table")}
	}
	lines := bufio.NewReaderSize(in, longestLine)
	for {
		line, err := nextLine(lines)
		if errors.Is(err, io.EOF) {
			return nil
		}
		answer, err := decoded(o.protocol, line, err)
		if err != nil {
			return err
		}
		if err := a.printAnswer(answer, o.forEyes); err != nil {
			return err
		}
	}
}

var errLineTooLong = fmt.Errorf("the line is longer than %d characters: split it", longestLine)

// nextLine is the next line, io.EOF behind the last. A line that is too long is
// read to its end, and gone.
func nextLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	tooLong := false
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		_, err = in.ReadSlice('\n')
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	case tooLong:
		return "", errLineTooLong
	case err != nil && len(line) == 0:
		return "", io.EOF
	}
	return string(line), nil
}

// decoded is the answer to a line that was read, or could not be: read is why.
func decoded(protocol, line string, read error) (facts.Answer, error) {
	if errors.Is(read, errLineTooLong) {
		return facts.Answer{Error: read.Error(), Frames: []map[string]any{}}, nil
	}
	if read != nil {
		return facts.Answer{}, read
	}
	return facts.Decode(protocol, line)
}

// printAnswer writes one answer at once: whoever feeds us may wait for it.
func (a *app) printAnswer(answer facts.Answer, forEyes bool) error {
	if !forEyes {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		return e.Encode(answer)
	}
	t := a.table()
	if !answer.OK {
		t.AppendRow(table.Row{"refused", answer.Error})
	}
	for i, frame := range answer.Frames {
		if i > 0 {
			t.AppendSeparator()
		}
		appendFacts(t, "", frame)
	}
	t.AppendFooter(table.Row{"skipped_bytes", answer.Skipped})
	t.Render()
	return nil
}

// appendFacts adds a row for each fact; one inside another is named a.b or a[1].
func appendFacts(t table.Writer, within string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			appendFacts(t, strings.TrimPrefix(within+"."+key, "."), v[key])
		}
	case []map[string]any:
		for i, one := range v {
			appendFacts(t, fmt.Sprintf("%s[%d]", within, i), one)
		}
	default:
		t.AppendRow(table.Row{within, v})
	}
}
