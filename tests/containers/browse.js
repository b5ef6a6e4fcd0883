// SPDX-License-Identifier: MIT
// Opens a page in Debian's Chromium, says "open PID" with the browser's, and stays.
const puppeteer = require('puppeteer-core');

puppeteer.launch({
	executablePath: '/usr/lib/chromium/chromium',
	args: ['--no-sandbox', '--disable-gpu'],
}).then(async (browser) => {
	const page = await browser.newPage();

	await page.goto('data:text/html,<title>open</title>');
	console.log(await page.title(), browser.process().pid);
	setInterval(() => {}, 1e6);
});
