/** Asks for the token, once for each browser. */
import { useState } from 'preact/hooks';
import { signIn } from './stream.ts';

export function Login() {
  const [wrong, setWrong] = useState<string>();
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const token = new FormData(event.currentTarget as HTMLFormElement).get('token');
    setWrong(await signIn(String(token)).catch((error: Error) => error.message));
  }
  return (
    <main class="login">
      <form onSubmit={submit}>
        <img src="./icon.svg" width="40" height="40" alt="" />
        <h1>Nodewright</h1>
        <p>
          This dashboard wants its token: what is in the file that the operator was given with --dashboard-token-file.
        </p>
        <label for="token">Token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus />
        {wrong === undefined ? null : (
          <p class="problem" role="alert">
            It was refused: {wrong}.
          </p>
        )}
        <button type="submit">Open the dashboard</button>
      </form>
    </main>
  );
}
