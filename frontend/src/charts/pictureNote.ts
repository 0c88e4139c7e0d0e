import { createContext } from 'react'

/** What a picture says of the experiment it was taken of: prompt, cuts, model. */
export const PictureNote = createContext<string>('')
