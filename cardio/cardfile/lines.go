package cardfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Error is what is wrong with a layout, and in which line of its file.
type Error struct {
	Line   int
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// lines says in which line each value of a JSON text begins, by its JSON pointer ("/records/0/size"). It refuses a
// key that stands twice in one object, and anything after the text.
type lines struct {
	text []byte
	at   map[string]int
	d    *json.Decoder
}

func linesOf(text []byte) (*lines, error) {
	l := &lines{text: text, at: map[string]int{}, d: json.NewDecoder(bytes.NewReader(text))}
	err := l.value("")
	if err == nil {
		if _, err = l.d.Token(); errors.Is(err, io.EOF) {
			return l, nil
		}
		err = &Error{l.line(), "there is something after the layout's end"}
	}
	var syntax *Error
	if !errors.As(err, &syntax) {
		err = &Error{l.line(), "not JSON: " + err.Error()}
	}
	return nil, err
}

// line is the line of what was read last.
func (l *lines) line() int { return 1 + bytes.Count(l.text[:l.d.InputOffset()], []byte("\n")) }

func (l *lines) value(pointer string) error {
	token, err := l.d.Token()
	if err != nil {
		return err
	}
	l.at[pointer] = l.line()
	switch token {
	case json.Delim('{'):
		return l.object(pointer)
	case json.Delim('['):
		for i := 0; l.d.More(); i++ {
			if err := l.value(pointer + "/" + strconv.Itoa(i)); err != nil {
				return err
			}
		}
		_, err = l.d.Token()
	}
	return err
}

func (l *lines) object(pointer string) error {
	for l.d.More() {
		key, err := l.d.Token()
		if err != nil {
			return err
		}
		below := fmt.Sprintf("%s/%s", pointer, key)
		if l.at[below] != 0 {
			return &Error{l.line(), fmt.Sprintf("%q stands here a second time", key)}
		}
		if err := l.value(below); err != nil {
			return err
		}
	}
	_, err := l.d.Token()
	return err
}

// problem is what is wrong at a pointer; one that is not there stands for what it lies in.
func (l *lines) problem(pointer, format string, args ...any) error {
	for l.at[pointer] == 0 && pointer != "" {
		pointer = pointer[:bytes.LastIndexByte([]byte(pointer), '/')]
	}
	return &Error{l.at[pointer], fmt.Sprintf(format, args...)}
}
