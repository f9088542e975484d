using System.CommandLine;

namespace DropoutLab.Cli;

/// <summary>Turns what is wrong with a command line into one line.</summary>
internal static class ParseErrors
{
    /// <summary>What is wrong first, and where to look.</summary>
    public static string Describe(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        string what = parse.UnmatchedTokens is [string first, ..] ? Unmatched(first, command) : parse.Errors[0].Message.TrimEnd('.');
        return $"{what} (see {PathOf(command)} --help)";
    }

    private static string Unmatched(string token, Command command)
    {
        if (token.StartsWith('-'))
            return $"there is no option {token}";
        return command.Subcommands.Count > 0
            ? $"there is no command '{token}': choose {string.Join(", ", command.Subcommands.Select(known => known.Name))}"
            : $"'{token}' is one argument too many";
    }

    private static string PathOf(Command command)
    {
        string? parent = command.Parents.OfType<Command>().FirstOrDefault() is { } above ? PathOf(above) + " " : null;
        return parent + command.Name;
    }
}
