package spool

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

const (
	// MaxRecord is the longest record.
	MaxRecord = 1 << 20

	headSize = 8 // length and checksum, lowest byte first
)

// Why a segment cannot be read on.
var (
	errTorn    = errors.New("a record is cut short")
	errDamaged = errors.New("a record's checksum is wrong")
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// appendRecord appends the record as it stands in a segment.
func appendRecord(dst, record []byte) []byte {
	at := len(dst)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(record)))
	dst = append(dst, 0, 0, 0, 0)
	dst = append(dst, record...)
	binary.LittleEndian.PutUint32(dst[at+4:], sum(dst[at:at+4], record))
	return dst
}

func sum(length, record []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli()), castagnoli(), record)
}

// readRecord reads the next one: io.EOF at the end, errTorn, errDamaged, or an
// error of the disk.
func readRecord(r io.Reader) ([]byte, error) {
	var head [headSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, short(err)
	}
	size := binary.LittleEndian.Uint32(head[:4])
	if size > MaxRecord {
		return nil, errDamaged
	}
	record := make([]byte, size)
	if _, err := io.ReadFull(r, record); err != nil {
		if err = short(err); err == io.EOF {
			err = errTorn
		}
		return nil, err
	}
	if binary.LittleEndian.Uint32(head[4:]) != sum(head[:4], record) {
		return nil, errDamaged
	}
	return record, nil
}

// short is errTorn for an end in the middle.
func short(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errTorn
	}
	return err
}
