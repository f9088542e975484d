using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using DropoutLab.Storage;

namespace DropoutLab.Data;

/// <summary>
/// Downloads files whole or not at all: aside as <c>NAME.part</c>, held against their checksum, then renamed. A partial file of
/// an earlier start is gone on with where the server can.
/// </summary>
/// <param name="handler">What carries the requests; disposed with the downloader.</param>
internal sealed class Downloader(HttpMessageHandler handler) : IDisposable
{
    /// <summary>A server that sends nothing for so long is given up.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private const int BufferLength = 1 << 17;

    private readonly HttpClient client = new(handler) { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose() => client.Dispose();

    /// <summary>Makes sure that <paramref name="file"/> lies in <paramref name="folder"/>, and makes the folder.</summary>
    /// <inheritdoc cref="ReplaceAsync" path="/exception"/>
    public Task FetchAsync(
        RemoteFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation) =>
        File.Exists(Path.Combine(folder, file.Name)) ? Task.CompletedTask : ReplaceAsync(file, folder, progress, cancellation);

    /// <summary>
    /// Downloads <paramref name="file"/> into <paramref name="folder"/>; what lies there under its name stays until the new one
    /// is whole.
    /// </summary>
    /// <exception cref="DropoutLabException">The network, the disk or the checksum fails.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the partial file stays, to be gone on with.</exception>
    public async Task ReplaceAsync(
        RemoteFile file, string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        string path = Path.Combine(folder, file.Name);
        string partial = path + ".part";
        try
        {
            await FillAsync(partial, file, progress, cancellation).ConfigureAwait(false);
            await RequireChecksumAsync(partial, file, cancellation).ConfigureAwait(false);
            File.Move(partial, path, overwrite: true);
        }
        catch (FileNotFoundException) when (File.Exists(path))
        {
            // Another process had the same partial file, and was done with it first.
        }
        catch (HttpRequestException exception)
        {
            throw Failure(file, folder, exception);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Writing(partial, exception);
        }
    }

    private async Task FillAsync(
        string partial, RemoteFile file, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        long atHand = File.Exists(partial) ? new FileInfo(partial).Length : 0;
        using HttpResponseMessage response = await RequestAsync(file.Address, atHand, cancellation).ConfigureAwait(false);
        if (IsWhole(response, atHand))
            return;
        bool goesOn = atHand > 0 && response.Content.Headers.ContentRange?.From == atHand;
        long? total = (goesOn ? atHand : 0) + response.Content.Headers.ContentLength;
        Directory.CreateDirectory(Path.GetDirectoryName(partial)!);
        FileStream target = new FileStream(partial, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.None);
        await using (target.ConfigureAwait(false))
        {
            Stream source = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            void Report(long bytes) => progress?.Report(new DownloadProgress(bytes, total, file.Name));
            await CopyAsync(source, target, Report, cancellation).ConfigureAwait(false);
            if (total > target.Length)
                throw new HttpRequestException($"the connection broke off after {target.Length} of {total} bytes");
            target.Flush(flushToDisk: true);
        }
    }

    /// <summary>Asks for what follows the bytes at hand, or for everything where the server will not go on there.</summary>
    private async Task<HttpResponseMessage> RequestAsync(Uri address, long atHand, CancellationToken cancellation)
    {
        HttpResponseMessage response = await SendAsync(address, atHand, cancellation).ConfigureAwait(false);
        if (IsWhole(response, atHand))
            return response;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From != atHand))
        {
            response.Dispose();
            response = await SendAsync(address, from: 0, cancellation).ConfigureAwait(false);
        }

        bool answers = response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent;
        return answers ? response : throw Refusal(response);
    }

    /// <summary>Whether the server has nothing to add, because everything is at hand.</summary>
    private static bool IsWhole(HttpResponseMessage response, long atHand) => atHand > 0
        && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
        && response.Content.Headers.ContentRange?.Length == atHand;

    private static HttpRequestException Refusal(HttpResponseMessage response)
    {
        using (response)
            return new HttpRequestException($"the server answers {(int)response.StatusCode} {response.ReasonPhrase}");
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, long from, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new HttpRequestMessage(HttpMethod.Get, address);
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        return await Guarded(token => client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellation)
            .ConfigureAwait(false);
    }

    private static async Task CopyAsync(Stream source, FileStream target, Action<long> report, CancellationToken cancellation)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            Task<int> Read(CancellationToken token) => source.ReadAsync(buffer, token).AsTask();
            int read;
            while ((read = await Guarded(Read, cancellation).ConfigureAwait(false)) > 0)
            {
                await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                report(target.Position);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// One exchange with the network: silence and a broken connection become <see cref="HttpRequestException"/>.
    /// </summary>
    private static async Task<T> Guarded<T>(Func<CancellationToken, Task<T>> exchange, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(LongestSilence);
        try
        {
            return await exchange(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"the server was silent for {LongestSilence.TotalSeconds} seconds");
        }
        catch (IOException exception)
        {
            throw new HttpRequestException(exception.Message, exception);
        }
    }

    private static async Task RequireChecksumAsync(string partial, RemoteFile file, CancellationToken cancellation)
    {
        string found = await RemoteFile.Md5OfAsync(partial, cancellation).ConfigureAwait(false);
        if (string.Equals(found, file.Md5, StringComparison.Ordinal))
            return;
        File.Delete(partial);
        throw new DropoutLabException(
            $"{file.Address} was downloaded damaged (MD5 {found}, its authors publish {file.Md5}) and removed: try again");
    }

    private static DropoutLabException Failure(RemoteFile file, string folder, HttpRequestException cause)
    {
        string alternative = file.Alternative is null ? "" : $", or {file.Alternative}";
        string reason = cause.GetBaseException().Message.ReplaceLineEndings(" ").TrimEnd('.');
        return new DropoutLabException(
            $"{file.Address} cannot be downloaded ({reason}): put {file.Name} into {folder}{alternative}, or try again to go on",
            cause);
    }
}

/// <summary>How far a download is.</summary>
/// <param name="Bytes">Bytes on the disk, those of an earlier start included.</param>
/// <param name="Total">The whole file's bytes, or null where the server does not tell.</param>
/// <param name="File">The file's name.</param>
public sealed record DownloadProgress(long Bytes, long? Total, string File);
