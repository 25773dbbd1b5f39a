/** Works of which more at a time are of no use: a hasher has fewer cores. */
const concurrent = 16

/** Does the work for each item, some at a time. Throws what the first of them throws. */
export async function inParallel<Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const next = items.values()
  const take = async () => {
    for (const item of next) await work(item)
  }
  await Promise.all(Array.from({ length: concurrent }, take))
}
