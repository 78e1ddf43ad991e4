package store

// Pipeline is what the stages of a sale are stored with.
var Pipeline = (*Store).pipeline
