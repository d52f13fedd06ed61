"""The machinery of the probe: one small loop over sockets and timers that knows how late it runs itself."""
