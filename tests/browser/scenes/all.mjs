// Every scene.

import { crowd } from "./crowd.mjs";
import { harm } from "./harm.mjs";
import { pictures } from "./pictures.mjs";
import { stories } from "./stories.mjs";
import { tour } from "./tour.mjs";

export const scenes = [...stories, ...crowd, ...harm, ...tour, ...pictures];
