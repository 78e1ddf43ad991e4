package driver

import (
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// EF is a file to be read whole.
type EF struct {
	SFI  byte
	Size int
}

// ReadFiles enters the DF with that name, unless it is nil, and reads files from their
// start to their end, all in one script. It stops where the card refuses: entered tells
// whether the DF was entered, and read is what was read whole before. The warning that data may be
// torn (6281) is no error here: their MAC decides.
func (c *CPU) ReadFiles(name []byte, list ...EF) (entered bool, read [][]byte, err error) {
	var steps []apdu.Step
	if name != nil {
		steps = append(steps, apdu.Step{Command: selectName(name)})
	}
	for _, f := range list {
		for at := 0; at < f.Size; at += maxRead {
			cmd := apdu.Command{INS: 0xB0, P1: 0x80 | f.SFI, P2: byte(at), Le: min(maxRead, f.Size-at)}
			steps = append(steps, apdu.Step{Command: cmd, Want: []apdu.Status{apdu.Done, apdu.DataDoubtful}})
		}
	}
	replies, err := c.ch.Run(steps...)
	if err != nil && len(replies) > 0 {
		replies = replies[:len(replies)-1] // the refusal
	}
	if name != nil {
		if len(replies) == 0 {
			return false, nil, step("select the application", err)
		}
		replies = replies[1:]
	}
	read, short := whole(list, replies)
	if err == nil {
		err = short
	}
	return true, read, step("read files", err)
}

// whole puts replies together into files, as far as they are whole.
func whole(list []EF, replies []apdu.Reply) (read [][]byte, err error) {
	for _, f := range list {
		var b []byte
		for len(b) < f.Size {
			if len(replies) == 0 {
				return read, nil
			}
			n := min(maxRead, f.Size-len(b))
			if len(replies[0].Data) != n {
				return read, fmt.Errorf("%w: %d of %d", ErrShort, len(replies[0].Data), n)
			}
			b, replies = append(b, replies[0].Data...), replies[1:]
		}
		read = append(read, b)
	}
	return read, nil
}
