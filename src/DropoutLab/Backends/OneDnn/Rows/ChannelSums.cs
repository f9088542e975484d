namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// Two sums a channel, gathered by each thread for itself and added in the threads' order, so that they come out the same every
/// time.
/// </summary>
internal sealed class ChannelSums
{
    private readonly double[][] first;
    private readonly double[][] second;

    public ChannelSums(int channels, int threads)
    {
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

    public (double First, double Second) Of(int channel)
    {
        (double First, double Second) sum = (0, 0);
        for (int share = 0; share < first.Length; share++)
            sum = (sum.First + first[share][channel], sum.Second + second[share][channel]);
        return sum;
    }
}
