package driver

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/sam"
)

// maxFile is the most that one UPDATE BINARY carries beside its MAC; FMCOS stops at 239 (cards.md §1).
const maxFile = 200

// File is one transparent EF of a CPU card, as an area.
type File struct {
	Name string
	SFI  byte
	Size int  // bytes, at most 256: an offset beside a short file id is one byte
	Key  byte // id of the writer's pair of keys; 0 where nothing is written
	Read Lock // Free, or ByWriter
}

// files are some of a CPU card's EFs as a Memory.
type files struct {
	cpu   *CPU
	files []File
	keys  map[byte]sam.Writer // of the writers that the card has accepted
	state byte                // the id that was authenticated last
}

// Files presents some files of the application that was selected as areas, in the
// order given. Reading goes in the clear, writing under secure messaging.
func (c *CPU) Files(list ...File) Memory {
	return &files{cpu: c, files: list, keys: map[byte]sam.Writer{}}
}

// Areas lists the files.
func (f *files) Areas() []Area {
	areas := make([]Area, len(f.files))
	for i, file := range f.files {
		areas[i] = Area{Name: file.Name, Size: file.Size, Mode: Bytes, Unit: 1, Read: file.Read, Write: ByWriter}
		if file.Key == 0 {
			areas[i].Write = Shut
		}
	}
	return areas
}

// Read reads a file, after its writer was authenticated where the file wants that.
func (f *files) Read(area, offset, n int) ([]byte, error) {
	a, file := f.Areas()[area], f.files[area]
	if err := a.within(offset, n); err != nil {
		return nil, err
	}
	if a.Read == ByWriter {
		if err := f.enter(file.Key); err != nil {
			return nil, err
		}
	}
	return f.cpu.readAt(file.SFI, offset, n)
}

// Unlock authenticates a file's writer.
func (f *files) Unlock(area int, secret Secret) error {
	id := f.files[area].Key
	if secret.Use != Writer || secret.Writer.Auth == nil || secret.Writer.Message == nil || id == 0 {
		return ErrUse
	}
	delete(f.keys, id)
	f.state = 0
	err := f.cpu.Authenticate(id, secret.Writer.Auth)
	var refused *apdu.StatusError
	switch {
	case errors.As(err, &refused) && refused.Tries >= 0:
		return fmt.Errorf("%w: %w", ErrSecret, err)
	case err != nil:
		return err
	}
	f.keys[id], f.state = secret.Writer, id
	return nil
}

// Write sends one UPDATE BINARY for every 200 bytes.
func (f *files) Write(area, offset int, data []byte) error {
	a, file := f.Areas()[area], f.files[area]
	if err := a.within(offset, len(data)); err != nil {
		return err
	}
	if err := f.enter(file.Key); err != nil {
		return err
	}
	for len(data) > 0 {
		n := min(maxFile, len(data))
		if err := f.cpu.UpdateBinary(file.SFI, byte(offset), data[:n], f.keys[file.Key].Message); err != nil {
			return err
		}
		offset, data = offset+n, data[n:]
	}
	return nil
}

// enter gives the card the state of that writer again, if another one was
// authenticated since: the card has one state.
func (f *files) enter(id byte) error {
	w, unlocked := f.keys[id]
	switch {
	case !unlocked:
		return ErrLocked
	case f.state == id:
		return nil
	}
	if err := f.cpu.Authenticate(id, w.Auth); err != nil {
		return err
	}
	f.state = id
	return nil
}

// readAt reads n bytes of the EF with that SFI, from offset on.
func (c *CPU) readAt(sfi byte, offset, n int) ([]byte, error) {
	var out []byte
	for len(out) < n {
		part, err := c.readPart(sfi, offset+len(out), min(maxRead, n-len(out)))
		if err != nil {
			return nil, step("read a file", err)
		}
		out = append(out, part...)
	}
	return out, nil
}

// readPart is one READ BINARY. The warning that data may be torn is no error here.
func (c *CPU) readPart(sfi byte, offset, n int) ([]byte, error) {
	data, err := c.ch.Send(apdu.Command{INS: 0xB0, P1: 0x80 | sfi, P2: byte(offset), Le: n})
	if warned(err) {
		err = nil
	}
	if err == nil && len(data) != n {
		err = fmt.Errorf("%w: %d of %d", ErrShort, len(data), n)
	}
	return data, err
}
