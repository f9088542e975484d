using DropoutLab.Data;

namespace DropoutLab.Tests.Data;

/// <summary>Keeps every report, at once and in order.</summary>
internal sealed class ProgressList : IProgress<DownloadProgress>
{
    public List<DownloadProgress> Reports { get; } = [];

    public void Report(DownloadProgress value) => Reports.Add(value);
}
