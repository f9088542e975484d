using System.CommandLine;
using System.CommandLine.Parsing;

namespace DropoutLab.Cli;

/// <summary>Turns what is wrong with a command line into one line.</summary>
internal static class ParseErrors
{
    /// <summary>What is wrong first, and where to look.</summary>
    public static string Describe(ParseResult parse)
    {
        Command command = parse.CommandResult.Command;
        string what = parse.UnmatchedTokens is [string first, ..] ? Unmatched(first, command) : Reason(parse.Errors[0]);
        return $"{what} (see {PathOf(command)} --help)";
    }

    private static string Reason(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} needs a value",
        OptionResult { IdentifierTokenCount: > 1 } option =>
            $"{option.Option.Name} is given {option.IdentifierTokenCount} times; once is enough",
        CommandResult { Command.Subcommands: [_, ..] known } => $"a command is missing: choose {Names(known)}",
        _ => error.Message.TrimEnd('.'),
    };

    private static string Names(IEnumerable<Command> commands) =>
        string.Join(", ", commands.Where(command => !command.Hidden).Select(command => command.Name));

    private static string Unmatched(string token, Command command)
    {
        if (token.StartsWith('-'))
            return $"there is no option {token}";
        return command.Subcommands.Count > 0
            ? $"there is no command '{token}': choose {Names(command.Subcommands)}"
            : $"'{token}' is one argument too many";
    }

    private static string PathOf(Command command)
    {
        string? parent = command.Parents.OfType<Command>().FirstOrDefault() is { } above ? PathOf(above) + " " : null;
        return parent + command.Name;
    }
}
