package cardfile

import (
	"fmt"
	"maps"
)

// Values are what the fields of a layout hold, by their names: an int64 or a string each.
type Values map[string]any

// Int is the number of that name, 0 where there is none.
func (v Values) Int(name string) int64 { n, _ := v[name].(int64); return n }

// Text is the text of that name, "" where there is none.
func (v Values) Text(name string) string { s, _ := v[name].(string); return s }

// names are what the field's values are called: one, one for each bit, or one for each repetition.
func (f *field) names() []string {
	switch {
	case f.Encoding == encodingBits:
		return f.Bits
	case f.Repeat == 0:
		return []string{f.Name}
	}
	names := make([]string, f.Repeat)
	for i := range names {
		names[i] = fmt.Sprintf("%s.%d", f.Name, i)
	}
	return names
}

// width is how many bytes the field takes in all.
func (f *field) width() int { return f.Size * max(1, f.Repeat) }

// read decodes the field of a record's bytes into v, or tells that it is not spelled so.
func (f *field) read(record []byte, v Values) bool {
	b := record[f.Offset:][:f.width()]
	if f.Const != nil {
		return string(b) == string(f.Const)
	}
	if f.Encoding == encodingBits {
		return f.readBits(b, v)
	}
	for i, name := range f.names() {
		value, ok := f.coding.decode(f, b[i*f.Size:][:f.Size])
		if !ok || !f.within(value) {
			return false
		}
		if n, is := value.(int64); is {
			if n > maxInt/f.scale() {
				return false
			}
			value = n * f.scale()
		}
		v[name] = value
	}
	return true
}

const maxInt = 1<<63 - 1

func (f *field) scale() int64 { return max(1, f.Scale) }

// within holds a value, not yet scaled, or the length of a text, against the field's limits.
func (f *field) within(value any) bool {
	n, ok := value.(int64)
	if !ok {
		n = int64(len(value.(string)))
	}
	return (f.Min == nil || n >= *f.Min) && (f.Max == nil || n <= *f.Max)
}

func (f *field) readBits(b []byte, v Values) bool {
	value, ok := f.coding.decode(f, b)
	if !ok {
		return false
	}
	rest := value.(int64)
	for i, name := range f.Bits {
		if name != "" {
			v[name] = rest >> i & 1
			rest &^= 1 << i
		}
	}
	return rest == 0
}

// write spells into a record's bytes what v has of the field. What v has not stays.
func (f *field) write(record []byte, v Values) error {
	b := record[f.Offset:][:f.width()]
	if f.Const != nil {
		copy(b, f.Const)
		return nil
	}
	if f.Encoding == encodingBits {
		return f.writeBits(b, v)
	}
	for i, name := range f.names() {
		value, ok := v[name]
		if ok && !f.put(b[i*f.Size:][:f.Size], value) {
			return fmt.Errorf("%w: %s %v", ErrValue, name, value)
		}
	}
	return nil
}

// put spells one value into its place.
func (f *field) put(b []byte, value any) bool {
	if n, is := value.(int64); is {
		if n < 0 || n%f.scale() != 0 {
			return false
		}
		value = n / f.scale()
	}
	return f.within(value) && f.coding.encode(f, b, value)
}

func (f *field) writeBits(b []byte, v Values) error {
	now := Values{}
	f.readBits(b, now)
	maps.Copy(now, v)
	var n int64
	for i, name := range f.Bits {
		if bit := now.Int(name); name != "" && bit != 0 {
			n |= 1 << i
		}
	}
	if !f.coding.encode(f, b, n) {
		return fmt.Errorf("%w: %s", ErrValue, f.Name)
	}
	return nil
}
