// Package client carries the sources of the TypeScript client, so that the
// roomcast command can build the demo page, which imports them, when it does
// not run in a checkout.
//
// The client itself is the npm package in this folder; see src/index.ts.
package client

import "embed"

// Source holds what a build of the client needs: package.json, its lock file,
// tsconfig.json and src. Paths are relative to this folder. The demo page of
// package web expects them in a folder named client beside its own.
//
//go:embed package.json package-lock.json tsconfig.json src
var Source embed.FS
