import { render } from 'preact';
import { App } from './app.tsx';
import './page.css';
import { followAddress } from './place.ts';
import { connect } from './stream.ts';

followAddress();
connect();
render(<App />, document.getElementById('app') as HTMLElement);
