// SPDX-License-Identifier: MIT
// usage: node load.js FILE [GO]: starts children and awaits them, a line in FILE for each: "ok", or what was
// wrong. With GO: one child, of which nothing is asked before the file GO is there.
const { spawn, spawnSync } = require('child_process');
const fs = require('fs');
const [file, go] = process.argv.slice(2);
const say = (line) => fs.appendFileSync(file, line + '\n');

function round(n) {
	const child = spawn('sh', ['-c', `exit ${n}`]);
	child.on('error', (error) => say(`error: ${error}`));
	child.on('exit', (code, signal) => {
		say(code === n ? 'ok' : `${code}/${signal}, not ${n}`);
		const status = n % 10 ? n : spawnSync('sh', ['-c', `exit ${n}`]).status;
		if (status !== n)
			say(`spawnSync: ${status}, not ${n}`);
		setTimeout(round, 5, (n + 1) % 100);
	});
}

function single() {
	const child = spawn('sh', ['-c', 'exit 7']);
	const sleeper = new Int32Array(new SharedArrayBuffer(4));
	child.on('error', (error) => say(`error: ${error}`));
	child.on('exit', (code, signal) => say(`exit: ${code}/${signal}`));
	say(`child ${child.pid}`);
	while (!fs.existsSync(go))
		Atomics.wait(sleeper, 0, 0, 10); // its events wait meanwhile
	setTimeout(() => say(`later: exitCode ${child.exitCode}`), 1000);
}

if (go)
	single();
else
	for (let i = 0; i < 3; i++)
		round(i * 30);
