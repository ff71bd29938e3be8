// Package web carries the sources of the demo page, so that the roomcast
// command can build and serve it when it does not run in a checkout.
package web

import "embed"

// Source holds what a build of the page needs besides the client. Paths are
// relative to this folder. The build imports the client's sources from
// ../client/src: put those of package client in a folder named client beside
// this one, then run npm ci and npm run build here; the page is in dist.
//
//go:embed package.json package-lock.json index.html tsconfig.json vite.config.ts src
var Source embed.FS
