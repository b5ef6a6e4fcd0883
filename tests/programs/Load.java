// SPDX-License-Identifier: MIT
// usage: java Load.java FILE [one]: as load.js; with "one" it starts one child, and says how that ended.
import java.nio.file.*;

public class Load {
	static Path file;

	static synchronized void say(String line) throws Exception {
		Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
	}

	static void rounds(int n) {
		try {
			for (;; n = (n + 1) % 100) {
				int status = new ProcessBuilder("sh", "-c", "exit " + n).start().waitFor();
				say(status == n ? "ok" : status + ", not " + n);
			}
		} catch (Exception e) {
			throw new RuntimeException(e);
		}
	}

	public static void main(String[] args) throws Exception {
		file = Path.of(args[0]);
		if (args.length > 1) {
			say("wait: " + new ProcessBuilder("sh", "-c", "exit 7").start().waitFor());
			return;
		}
		for (int i = 0; i < 3; i++) {
			int first = i * 30;
			new Thread(() -> rounds(first)).start();
		}
	}
}
