/** Of the Redis that the engine is held to. */
export const version = "7.0.15";
