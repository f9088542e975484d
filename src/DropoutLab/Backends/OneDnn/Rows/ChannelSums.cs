namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// Two sums a channel, gathered by each thread for itself and added in the threads' order, so that they come out the same every
/// time; then over the processes that share the statistics, where any do.
/// </summary>
internal sealed class ChannelSums
{
    private readonly double[][] first;
    private readonly double[][] second;
    private readonly double[] totals; // first, then second
    private readonly SharedStatistics? shared;

    public ChannelSums(int channels, int threads, SharedStatistics? shared = null)
    {
        this.shared = shared;
        totals = new double[2 * channels];
        first = [.. Enumerable.Range(0, threads).Select(_ => new double[channels])];
        second = [.. Enumerable.Range(0, threads).Select(_ => new double[channels])];
    }

    public void Clear()
    {
        for (int share = 0; share < first.Length; share++)
        {
            Array.Clear(first[share]);
            Array.Clear(second[share]);
        }
    }

    public void Add(int share, int channel, double toFirst, double toSecond)
    {
        first[share][channel] += toFirst;
        second[share][channel] += toSecond;
    }

    /// <summary>Adds up, once all threads are done.</summary>
    public void End()
    {
        Array.Clear(totals);
        int channels = totals.Length / 2;
        for (int share = 0; share < first.Length; share++)
        {
            for (int c = 0; c < channels; c++)
            {
                totals[c] += first[share][c];
                totals[channels + c] += second[share][c];
            }
        }

        shared?.Sum(totals);
    }

    public (double First, double Second) Of(int channel) => (totals[channel], totals[totals.Length / 2 + channel]);
}
